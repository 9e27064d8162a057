import { randomBytes } from 'node:crypto';
import type { ByteSource } from '../../../content/byte-source.js';
import { writeFully } from '../../../content/write-fully.js';
import { ImgkitError } from '../../../errors.js';
import { ageSize, NONCE } from './age-size.js';
import { AGE_LIMITS } from '../../../limits.js';
import { encodeHeader } from './header.js';
import { FILE_KEY, payloadKey } from './key-schedule.js';
import { sealPayload } from './payload.js';
import { runPayload, WORTH_THREADS, type PayloadOutput } from './payload-threads.js';
import type { AgeRecipient } from './recipient.js';

/** A file key, wrapped for its recipients: encrypts one stream, and knows before how long it will be. */
export interface AgeEncryption {
  /** Bytes of the age file over `plainSize` bytes of content. */
  size(plainSize: number): number;
  /** The age file over `chunks`. Once: the same key must not encrypt two contents. */
  encrypt(chunks: AsyncIterable<Uint8Array>, options?: { readonly name?: string; readonly signal?: AbortSignal | undefined }): AsyncIterable<Uint8Array>;
  /**
   * As `encrypt`, from a file of some size to an open file, from its start: in several threads. Returns the bytes written, or undefined,
   * and nothing is done, for a source that is to be streamed. Throws `tar-truncated` for a source that ends early, `disk-full`, `io-failed`.
   */
  encryptFile(source: ByteSource, output: PayloadOutput, options?: { readonly signal?: AbortSignal | undefined; readonly onBytes?: ((done: number) => void) | undefined }): Promise<number | undefined>;
}

/**
 * Wraps a new file key for each of `recipients` (C2SP age.md). Slow for a passphrase, by intent. Throws `usage` for no
 * recipient, or for a passphrase among others; `key-malformed`.
 */
export async function prepareAge(recipients: readonly AgeRecipient[]): Promise<AgeEncryption> {
  if (recipients.length === 0) throw new ImgkitError('usage', 'There is nobody to encrypt for; name a recipient or a passphrase file.');
  if (recipients.length > 1 && recipients.some(({ alone }) => alone === true)) throw new ImgkitError('usage', 'A passphrase must be the only way into an age file; leave out the passphrase or the other recipients.');
  if (recipients.length > AGE_LIMITS.recipients) throw new ImgkitError('usage', `There are ${recipients.length} recipients; at most ${AGE_LIMITS.recipients} fit into one age file: encrypt for fewer, or write a second file for the others.`);
  const fileKey = randomBytes(FILE_KEY);
  const stanzas = await Promise.all(recipients.map((recipient) => recipient.wrap(fileKey)));
  const header = encodeHeader(stanzas, fileKey);
  const nonce = randomBytes(NONCE);
  const key = payloadKey(fileKey, nonce);
  fileKey.fill(0);
  let used = false;
  const use = (): void => {
    if (used) throw new TypeError('an age file key encrypts one content only');
    used = true;
  };
  return {
    size: (plainSize) => ageSize(plainSize, header.length),
    async *encrypt(chunks, { name = 'the archive', signal } = {}) {
      use();
      yield Buffer.concat([header, nonce]);
      yield* sealPayload(chunks, { key, name, signal });
    },
    async encryptFile(source, { handle, name }, options = {}) {
      const input = source.size < WORTH_THREADS ? undefined : source.locate({ offset: 0, length: source.size });
      if (input === undefined) return undefined;
      use();
      const head = Buffer.concat([header, nonce]);
      await writeFully(handle, head, 0, name);
      return head.length + (await runPayload({ way: 'seal', name: source.name, input, output: { handle, name, offset: head.length }, key }, options));
    },
  };
}
