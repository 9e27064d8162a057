import { digestAlgorithm, type Digest } from '../content/digest.js';
import { walkClosure } from '../image/closure.js';
import type { Finding } from '../image/finding.js';
import type { ImageSource, Root } from '../image/image-source.js';
import type { Location } from '../image/location.js';
import { fileDigest } from './file-digest.js';
import { HashedInput, hashedInput } from './hashed-input.js';
import type { PinnedFile } from './pinned-file.js';
import { remoteDigest } from './remote-digest.js';
import type { VerifyReport } from './results.js';
import type { Session } from './session.js';

/** A digest that the file at a location must have, or a manifest or config in it. */
export class Expectation {
  readonly #session: Session;
  readonly #location: Location;
  readonly #expected: Digest;
  /** Bytes that come once are hashed as they are read: asked twice, a host could give one file for its digest and another for what is in it. */
  #input: HashedInput | undefined;

  constructor(session: Session, location: Location, expected: Digest) {
    this.#session = session;
    this.#location = location;
    this.#expected = expected;
    this.#input = hashedInput(location, session.options, digestAlgorithm(expected));
  }

  /** What to read instead of standard input, where the location is that. */
  get stdin(): AsyncIterable<Uint8Array> | undefined {
    return this.#input?.read();
  }

  /** For bytes that a host sends: passes them on. */
  get proveChunks(): ((chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>) | undefined {
    if (this.#location.kind !== 'url') return undefined;
    const { signal } = this.#session.options;
    return (chunks) => (this.#input ??= new HashedInput(chunks, { algorithm: digestAlgorithm(this.#expected), signal })).read();
  }

  /** What has the digest, of what was opened, or of the file where that could not be. Reads what is left of the input. `pinned` says which file it must be. */
  async match(opened: { readonly source: ImageSource; readonly roots: readonly Root[] } | undefined, pinned: PinnedFile | undefined): Promise<VerifyReport['matched']> {
    const inside = opened && (await this.#matchInside(opened.source, opened.roots));
    if (inside !== undefined) return inside;
    return (await this.#fileDigest(pinned)) === this.#expected ? 'file' : undefined;
  }

  finding(matched: VerifyReport['matched'], subject: string): Finding {
    const check = 'expected-digest';
    if (matched !== undefined) return { check, status: 'ok', subject, message: `${this.#expected} is the digest of the ${matched}` };
    return { check, status: 'failed', subject, message: 'neither the file nor a manifest nor a config in it has the expected digest', expected: this.#expected };
  }

  async #matchInside({ blobs, location }: ImageSource, roots: readonly Root[]): Promise<'manifest' | 'config' | undefined> {
    for (const { descriptor } of roots) {
      if (descriptor.digest === this.#expected) return 'manifest';
      const closure = await walkClosure(blobs, descriptor, this.#session.limits, location).catch(() => undefined);
      if (closure?.documents.has(this.#expected) === true) return 'manifest';
      if (closure?.images.some(({ manifest }) => manifest.config.digest === this.#expected) === true) return 'config';
    }
    return undefined;
  }

  async #fileDigest(pinned: PinnedFile | undefined): Promise<Digest | undefined> {
    if (this.#input !== undefined) return this.#input.digest();
    const algorithm = digestAlgorithm(this.#expected);
    return pinned === undefined ? remoteDigest(this.#session, this.#location, algorithm) : fileDigest(this.#session, pinned.file.name, algorithm, pinned);
  }
}
