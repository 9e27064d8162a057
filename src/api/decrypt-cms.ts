import type { ByteSource } from '../content/byte-source.js';
import { rechunk } from '../content/rechunk.js';
import { openCms, type DecryptCmsOptions, type OpenedCms } from '../crypto/encrypt/cms/decrypt-cms.js';
import { readLayerIdentities } from '../crypto/encrypt/ocicrypt/layer-keys.js';
import type { DecryptionOptions } from '../crypto/encrypt/age/read-identities.js';

/** Large enough that writing costs nothing: `openssl cms -stream` cuts the content into pieces of a few KiB. */
const CHUNK = 1024 * 1024;

/** A CMS message, opened with the PEM keys that `keys` names. Throws as `openCms`, and what reading the keys throws. */
export async function decryptCms(source: ByteSource, keys: DecryptionOptions, how: DecryptCmsOptions & { readonly onBytes: (done: number) => void }): Promise<OpenedCms> {
  const { authenticated, content } = await openCms(source, await readLayerIdentities(keys.identities ?? [], keys, how.signal), how);
  return { authenticated, content: inBlocks(content, how.onBytes) };
}

async function* inBlocks(chunks: AsyncIterable<Uint8Array>, onBytes: (done: number) => void): AsyncGenerator<Uint8Array, void, undefined> {
  let done = 0;
  for await (const { block } of rechunk(chunks, CHUNK)) {
    yield block;
    onBytes(done += block.length);
  }
}
