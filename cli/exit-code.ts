import type { ErrorCode } from '../src/index.js';

/** What the process says when it ends; scripts rely on these numbers. */
export const EXIT = { done: 0, no: 1, usage: 2, input: 3, refused: 4, network: 5, io: 6, interrupted: 130 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Every error code of the library; a new one does not compile until it has its place here. */
export const exitCodes: Readonly<Record<ErrorCode, ExitCode>> = {
  'image-not-found': EXIT.no,
  'path-not-found': EXIT.no,

  'usage': EXIT.usage,
  'location-invalid': EXIT.usage,
  'location-ambiguous': EXIT.usage,
  'location-unsupported': EXIT.usage,
  'reference-invalid': EXIT.usage,
  'platform-invalid': EXIT.usage,
  'image-ambiguous': EXIT.usage,
  'base-mismatch': EXIT.usage,

  'tar-malformed': EXIT.input,
  'tar-truncated': EXIT.input,
  'document-malformed': EXIT.input,
  'format-unknown': EXIT.input,
  'format-ambiguous': EXIT.input,
  'compression-malformed': EXIT.input,
  'compression-unsupported': EXIT.input,
  'digest-malformed': EXIT.input,
  'digest-mismatch': EXIT.input,
  'size-mismatch': EXIT.input,
  'diffid-mismatch': EXIT.input,
  'blob-missing': EXIT.input,
  'limit-exceeded': EXIT.input,
  'signature-malformed': EXIT.input,
  'statement-malformed': EXIT.input,
  'key-malformed': EXIT.input,
  'ciphertext-malformed': EXIT.input,

  'tag-would-move': EXIT.refused,
  'host-untrusted': EXIT.refused,
  'signature-missing': EXIT.refused,
  'signature-invalid': EXIT.refused,
  'signature-untrusted': EXIT.refused,
  'policy-refused': EXIT.refused,
  'rollback-refused': EXIT.refused,
  'key-exposed': EXIT.refused,
  'key-refused': EXIT.refused,
  'decryption-refused': EXIT.refused,

  'engine-unreachable': EXIT.network,
  'engine-failed': EXIT.network,
  'network-unreachable': EXIT.network,
  'network-failed': EXIT.network,
  'network-timeout': EXIT.network,
  'login-failed': EXIT.network,
  'remote-refused': EXIT.network,
  'registry-failed': EXIT.network,

  'io-failed': EXIT.io,
  'disk-full': EXIT.io,
  'file-not-found': EXIT.io,
  'file-exists': EXIT.io,
  'store-locked': EXIT.io,
  'remote-full': EXIT.io,

  'interrupted': EXIT.interrupted,
};

/** What the process says of an error. 1 is an answer of `diff`, so there what is missing is 2, as `diff` of files has it. */
export function exitCodeOf(code: ErrorCode, verb: string | undefined): ExitCode {
  return verb === 'diff' && exitCodes[code] === EXIT.no ? EXIT.usage : exitCodes[code];
}
