/** The checks that `verify` makes, in the order it prints them. */
export type Check =
  | 'archive-structure' | 'documents' | 'names' | 'closure' | 'media-types'
  | 'blob' | 'diff-id' | 'layer-structure' | 'config' | 'counts' | 'expected-digest'
  | 'signature' | 'signed-file';

/** One result of one check: structured, never joined into one string before the renderer. */
export interface Finding {
  readonly check: Check;
  readonly status: 'ok' | 'note' | 'failed';
  /** What was checked: a digest, an entry, a name. */
  readonly subject: string;
  /** One sentence. */
  readonly message: string;
  readonly expected?: string | undefined;
  readonly found?: string | undefined;
  readonly offset?: number | undefined;
}
