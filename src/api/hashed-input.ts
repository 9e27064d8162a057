import { createHash } from 'node:crypto';
import { standardInput } from '../../formats/locations/standard-input.js';
import { finishDigest, type Digest, type DigestAlgorithm } from '../content/digest.js';
import { throwIfInterrupted } from '../content/interrupted.js';
import { archivePath, type Location } from '../image/location.js';
import type { CommonOptions } from './options.js';

/** Standard input, hashed as it is read: it comes only once, and its digest is that of all of it, however much of it its reader wanted. */
export class HashedInput {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #algorithm: DigestAlgorithm;
  readonly #hash;
  readonly #signal: AbortSignal | undefined;
  #size = 0;

  constructor(chunks: AsyncIterable<Uint8Array>, { algorithm = 'sha256', signal }: { readonly algorithm?: DigestAlgorithm; readonly signal?: AbortSignal | undefined } = {}) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#algorithm = algorithm;
    this.#hash = createHash(algorithm);
    this.#signal = signal;
  }

  /** For one reader; one that stops early leaves the rest to {@link digest}. */
  async *read(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let next = await this.#chunks.next(); next.done !== true; next = await this.#chunks.next()) {
      this.#hash.update(next.value);
      this.#size += next.value.length;
      yield next.value;
    }
  }

  /** Of everything, once: reads what is left. Undefined when nothing came. Throws `interrupted`, and what the input throws. */
  async digest(): Promise<Digest | undefined> {
    for await (const _ of this.read()) throwIfInterrupted(this.#signal, 'reading standard input');
    throwIfInterrupted(this.#signal, 'reading standard input');
    return this.#size === 0 ? undefined : finishDigest(this.#hash, this.#algorithm);
  }
}

export function isStandardInput(location: Location): boolean {
  return archivePath(location) === '-';
}

/** What comes on standard input, when `location` is that; undefined otherwise. */
export function hashedInput(location: Location, { stdin, signal }: CommonOptions, algorithm?: DigestAlgorithm): HashedInput | undefined {
  if (!isStandardInput(location)) return undefined;
  return new HashedInput(standardInput(stdin, signal), { signal, ...(algorithm !== undefined && { algorithm }) });
}
