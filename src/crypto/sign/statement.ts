import type { Digest } from '../../content/digest.js';

/** Added to a file's name, the name of the statement about it. */
export const STATEMENT_SUFFIX = '.sha256';

/** What a statement says of one file. */
export interface StatementEntry {
  /** A plain file name: never a path. */
  readonly name: string;
  readonly digest: Digest;
  /** Bytes; undefined when the statement does not tell, as one that sha256sum made. */
  readonly size?: number | undefined;
}

/** A list of files with sizes and SHA-256, in the form of `SHA256SUMS`: the one document that signatures are over. */
export interface Statement {
  /** In the order of the file; no name twice. */
  readonly entries: readonly StatementEntry[];
}
