import type { ByteSource } from '../src/content/byte-source.js';
import { sniffCompression } from '../src/content/compression.js';
import { decompress } from '../src/content/decompress.js';
import { lendRange } from '../src/content/lend-range.js';
import type { LentChunk } from '../src/content/lent-chunk.js';
import { peek } from '../src/content/peek.js';
import { spool } from '../src/content/spool.js';
import { AGE_HEAD, isAge } from '../src/crypto/encrypt/age/detect.js';
import type { ImageSource } from '../src/image/image-source.js';
import { refuseForeignCompression } from './foreign-compression.js';
import { openArchive, openStored, type OpenArchiveOptions, type Proof } from './open-archive.js';

/** Opens an archive that is compressed or encrypted, which `head`, its first bytes, tells: spooled once. Closes `file` when it was read. */
export async function openPacked(file: ByteSource, head: Uint8Array, proof: Proof | undefined, options: OpenArchiveOptions): Promise<ImageSource> {
  const { name } = file;
  await proof?.whole;
  const encrypted = isAge(head);
  const { limits, signal } = options;
  const plain = encrypted
    ? decrypted(file.stream(undefined, signal), name, options)
    : decompress(lendRange(file, undefined, signal), sniffCompression(head), { name, limits, signal });
  const spooled = await spool(name, unchangedAfter(plain, proof), options);
  await file.close();
  return encrypted ? openProven(spooled, options) : openSpooled(spooled, options);
}

/** Opens an archive that arrives as a stream (stdin, an engine): spooled once, decompressed on the way. */
export async function openArchiveStream(chunks: AsyncIterable<Uint8Array>, name: string, options: OpenArchiveOptions): Promise<ImageSource> {
  if (options.proveChunks !== undefined) return openStored(await spool(name, options.proveChunks(chunks), options), { ...options, prove: undefined });
  const { head, all } = await peek(chunks, AGE_HEAD);
  if (isAge(head)) return openProven(await spool(name, decrypted(all, name, options), options), options);
  refuseForeignCompression(head, name);
  const compression = sniffCompression(head);
  const plain = compression === 'none' ? all : decompress(all, compression, { name, limits: options.limits, signal: options.signal });
  return openSpooled(await spool(name, plain, options), options);
}

/** Opens what came out of an encrypted archive; one more layer of encryption is not looked for. */
async function openProven(proven: ByteSource, options: OpenArchiveOptions): Promise<ImageSource> {
  const head = await proven.read(0, Math.min(AGE_HEAD, proven.size));
  return isAge(head) ? openSpooled(proven, options) : openStored(proven, { ...options, prove: undefined });
}

async function* decrypted(chunks: AsyncIterable<Uint8Array>, name: string, { decryption = {}, signal }: OpenArchiveOptions): AsyncIterable<Uint8Array> {
  const [{ decryptAge }, { readIdentities }] = await Promise.all([import('../src/crypto/encrypt/age/decrypt-age.js'), import('../src/crypto/encrypt/age/read-identities.js')]);
  yield* decryptAge(chunks, await readIdentities(decryption, signal), { name, signal });
}

async function openSpooled(spooled: ByteSource, options: OpenArchiveOptions): Promise<ImageSource> {
  try {
    return await openArchive(spooled, options);
  } catch (error) {
    await spooled.close();
    throw error;
  }
}

/** Fails at its end when what it was read from is no longer what was proven. */
async function* unchangedAfter(chunks: AsyncIterable<LentChunk>, proof: Proof | undefined): AsyncGenerator<LentChunk, void, undefined> {
  yield* chunks;
  await proof?.unchanged();
}
