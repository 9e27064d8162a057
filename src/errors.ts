/** What went wrong, as a closed union: match on it. `docs/errors.md` lists cause and remedy of each. */
export type ErrorCode =
  // exit 1: the answer is no
  | 'image-not-found'
  | 'path-not-found'
  // exit 2: the request makes no sense
  | 'usage'
  | 'location-invalid'
  | 'location-ambiguous'
  | 'location-unsupported'
  | 'reference-invalid'
  | 'platform-invalid'
  | 'image-ambiguous'
  | 'base-mismatch'
  // exit 3: the input is broken
  | 'tar-malformed'
  | 'tar-truncated'
  | 'document-malformed'
  | 'format-unknown'
  | 'format-ambiguous'
  | 'compression-malformed'
  | 'compression-unsupported'
  | 'digest-malformed'
  | 'digest-mismatch'
  | 'size-mismatch'
  | 'diffid-mismatch'
  | 'blob-missing'
  | 'limit-exceeded'
  | 'signature-malformed'
  | 'statement-malformed'
  | 'key-malformed'
  | 'ciphertext-malformed'
  // exit 4: refused
  | 'tag-would-move'
  | 'host-untrusted'
  | 'signature-missing'
  | 'signature-invalid'
  | 'signature-untrusted'
  | 'policy-refused'
  | 'rollback-refused'
  | 'key-exposed'
  | 'key-refused'
  | 'decryption-refused'
  // exit 5: network or peer
  | 'engine-unreachable'
  | 'engine-failed'
  | 'network-unreachable'
  | 'network-failed'
  | 'network-timeout'
  | 'login-failed'
  | 'remote-refused'
  | 'registry-failed'
  // exit 6: disk or other I/O
  | 'io-failed'
  | 'disk-full'
  | 'file-not-found'
  | 'file-exists'
  | 'store-locked'
  | 'remote-full'
  // exit 130
  | 'interrupted';

/** Where it happened and what was seen; every field is optional and safe to print after escaping. */
export interface ErrorDetails {
  /** The file, location or host as the user named it. */
  readonly file?: string | undefined;
  /** The archive entry, blob digest or document inside it. */
  readonly entry?: string | undefined;
  /** Byte offset in `file` where the problem starts. */
  readonly offset?: number | undefined;
  readonly expected?: string | undefined;
  readonly found?: string | undefined;
}

/** Controls of C0 and C1, DEL, line separators and directional controls: what could end a line of a log or reorder it. */
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * The one error class of the library. `message` is a sentence: what, where, and what to do next; on one line, with the control characters
 * of names that it repeats spelled out. `details` has them as they are.
 */
export class ImgkitError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, options?: { readonly cause?: unknown }) {
    super(message.replace(CONTROLS, spelledOut), options);
    this.name = 'ImgkitError';
    this.code = code;
    this.details = details;
  }
}

function spelledOut(character: string): string {
  const code = character.charCodeAt(0);
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** True when `error` is an {@link ImgkitError}, of one of `codes` when any are given. */
export function isImgkitError(error: unknown, ...codes: readonly ErrorCode[]): error is ImgkitError {
  return error instanceof ImgkitError && (codes.length === 0 || codes.includes(error.code));
}

/** What the commonest numbers of the operating system mean, and what to do; the others keep its own words. */
const SYSTEM_ERRORS: Readonly<Record<string, readonly [problem: string, remedy: string]>> = {
  EACCES: ['permission denied', 'check the owner and mode of it and of the folders above it'],
  EPERM: ['not permitted', 'check who owns it, and whether it may be changed at all'],
  EROFS: ['the file system is read-only', 'choose another place'],
  EISDIR: ['is a folder', 'name a file'],
  ENOTDIR: ['a part of the path is no folder', 'check the path'],
  ENAMETOOLONG: ['the name is too long for this file system', 'choose a shorter one'],
  EEXIST: ['something else has that name', 'choose another one, or move that away'],
  ELOOP: ['symbolic links lead in a circle', 'check the path'],
  EXDEV: ['lies on another file system', 'keep the folder on one'],
  EFBIG: ['the file would be larger than allowed here', 'check ulimit -f, or choose another file system'],
  EMFILE: ['too many files are open', 'raise the limit (ulimit -n) and run it again'],
  ENFILE: ['too many files are open on this machine', 'run it again when it has less to do'],
  EIO: ['the disk or drive reports an error', 'check it before you trust what is on it'],
  EBUSY: ['is in use', 'end what uses it and run it again'],
};

/** Turns an operating-system error into an {@link ImgkitError} that names `file`; others pass through unchanged. */
export function fromSystemError(error: unknown, file: string, doing: string): unknown {
  if (!(error instanceof Error) || error instanceof ImgkitError) return error;
  // Node has no name for EDQUOT.
  const { errno } = error as NodeJS.ErrnoException;
  const code = errno === -122 && process.platform === 'linux' ? 'EDQUOT' : (error as NodeJS.ErrnoException).code;
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) return error;
  if (code === 'ENOENT') return new ImgkitError('file-not-found', `${file}: no such file or folder; check the path.`, { file }, { cause: error });
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new ImgkitError('disk-full', `${file}: the disk is full while ${doing}; free some space and run it again.`, { file }, { cause: error });
  }
  const [problem, remedy] = SYSTEM_ERRORS[code] ?? [`the system says "${error.message}"`, 'look at that file and its disk'];
  return new ImgkitError('io-failed', `${file}: ${problem}, while ${doing} (${code}); ${remedy}.`, { file }, { cause: error });
}
