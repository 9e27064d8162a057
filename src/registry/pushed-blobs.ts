import type { Digest } from '../content/digest.js';

/** Where in registries blobs are, as the pushes of one command put or found them: the next repository mounts them, and nothing is sent twice. */
export class PushedBlobs {
  readonly #paths = new Map<string, string>();

  /** `host` is that of the registry, `path` the repository in it. */
  add(host: string, digest: Digest, path: string): void {
    this.#paths.set(`${host} ${digest}`, path);
  }

  /** A repository of `host` that has the blob. */
  find(host: string, digest: Digest): string | undefined {
    return this.#paths.get(`${host} ${digest}`);
  }
}
