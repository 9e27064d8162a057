import { ImgkitError } from '../../errors.js';
import { oneLine } from '../../network/one-line.js';

/** Status codes of SFTP (draft-ietf-secsh-filexfer-02, 7; from 9 on, of later drafts that some servers follow). */
export const STATUS = { EOF: 1, NO_SUCH_FILE: 2, PERMISSION_DENIED: 3, FAILURE: 4, UNSUPPORTED: 8 } as const;

const MEANINGS: ReadonlyMap<number, readonly [code: 'file-not-found' | 'remote-refused' | 'remote-full' | 'location-unsupported' | 'network-failed', sentence: string]> = new Map([
  [2, ['file-not-found', 'there is no such file or folder; check the path']],
  [3, ['remote-refused', 'this user may not; check the permissions there']],
  [4, ['remote-refused', 'the server refuses it without a reason; look at its log']],
  [5, ['remote-refused', 'the server does not take it; is the name too long?']],
  [6, ['network-failed', 'the server lost its connection; run it again']],
  [7, ['network-failed', 'the server lost its connection; run it again']],
  [8, ['location-unsupported', 'this server cannot do it; ask its owner']],
  [10, ['file-not-found', 'there is no such folder; check the path']],
  [11, ['remote-refused', 'the name is taken; choose another']],
  [12, ['remote-refused', 'the drive is mounted read-only; choose another folder']],
  [14, ['remote-full', 'the disk there is full; free some space and run it again']],
  [15, ['remote-full', 'the quota there is used up; free some space and run it again']],
]);

/** The status that the server answered with; undefined when `error` is none. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || error instanceof ImgkitError) return undefined;
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'number' ? code : undefined;
}

/** What a status means, in words: `doing` is a phrase such as `reading it`. Other errors pass through, or become `network-failed`. */
export function statusError(error: unknown, host: string, path: string, doing: string): unknown {
  if (error instanceof ImgkitError || !(error instanceof Error)) return error;
  const status = statusOf(error);
  if (status === undefined) {
    // ssh2's own words for a broken protocol or an end of the connection. Mistakes of this program are no such thing.
    if (error.constructor !== Error) return error;
    return new ImgkitError('network-failed', `${host}${path}: ${doing} failed: ${oneLine(error.message)}; run it again.`, { file: path }, { cause: error });
  }
  const [code, sentence] = MEANINGS.get(status) ?? ['remote-refused', 'the server refuses it; look at its log'];
  const words = oneLine(error.message);
  const said = words === '' || /^(failure|no such file( or directory)?|permission denied|no error|bad message|operation unsupported)$/i.test(words) ? '' : ` (it says ${JSON.stringify(words)})`;
  return new ImgkitError(code, `${host}${path}: ${doing} failed: ${sentence}${said}.`, { file: path, found: `status ${status}` }, { cause: error });
}
