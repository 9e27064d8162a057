import type { BlobSource } from '../../src/content/byte-source.js';
import type { Descriptor } from '../../src/content/descriptor.js';
import type { Digest } from '../../src/content/digest.js';
import type { JsonDescriptor } from '../helpers/image-builder.js';

/** The plain part of a descriptor that a builder made. */
export function plain({ mediaType, digest, size }: JsonDescriptor): Descriptor {
  return { mediaType, digest: digest as Digest, size };
}

/** Blobs in memory, which lie in no file. */
export function memoryBlobs(blobs: ReadonlyMap<string, Uint8Array>): BlobSource {
  return {
    stat: async (digest) => blobs.get(digest)?.length,
    locate: async () => undefined,
    async *openUnverified(digest) {
      const bytes = blobs.get(digest);
      if (bytes === undefined) throw new Error(`the test has no ${digest}`);
      for (let at = 0; at < bytes.length; at += 1000) yield bytes.slice(at, at + 1000);
    },
  };
}
