import type { FileRange } from './byte-source.js';
import type { Digest, DigestAlgorithm } from './digest.js';

/** One pass over one layer in a local file: encrypts or decrypts it into another file. Runs in a worker. */
export interface SealPass {
  /** As errors are to name the layer. */
  readonly name?: string | undefined;
  readonly input: FileRange;
  readonly seal: 'encrypt' | 'decrypt';
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  /** Compute this digest of the input; undefined where the HMAC proves it. */
  readonly algorithm?: DigestAlgorithm | undefined;
  /** Where the result goes; it is as long as the input. */
  readonly output: { readonly fd: number; readonly offset: number };
}

export interface SealPassResult {
  readonly size: number;
  /** Of the input, where one was asked for. */
  readonly inputDigest: Digest | undefined;
  /** sha256 of the output. */
  readonly digest: Digest;
  /** Over the ciphertext, whichever side that was. */
  readonly hmac: Uint8Array;
}
