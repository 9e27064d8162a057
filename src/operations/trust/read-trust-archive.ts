import { decompressInput, sniffInput } from '../../content/input-compression.js';
import { MANIFEST } from '../../crypto/trust/trust-layout.js';
import type { TrustFiles } from '../../crypto/trust/trust-manifest.js';
import { ImgkitError } from '../../errors.js';
import { resolveLimits, TRUST_LIMITS } from '../../limits.js';
import { readEntries } from '../../tar/read-entries.js';
import { readBoundedFile } from './read-bounded-file.js';

/**
 * The files of a trust folder in a tar, plain or compressed; the folder itself may be the one entry at its top. Throws
 * `tar-malformed`, `tar-truncated`, `compression-malformed`, `limit-exceeded`, `format-unknown` for one that is encrypted,
 * `document-malformed` for links and devices.
 */
export async function readTrustArchive(path: string, signal?: AbortSignal): Promise<TrustFiles> {
  const files = new Map<string, Uint8Array>();
  for await (const { entry, body } of readEntries(plainBytes(path, signal), { file: path, mode: 'archive', limits: resolveLimits({ archiveEntries: TRUST_LIMITS.files }) })) {
    if (entry.type === 'directory') continue;
    if (entry.type !== 'file' || entry.sparse !== undefined) throw new ImgkitError('document-malformed', `${path}: ${JSON.stringify(entry.path)} is no plain file; a trust holds nothing else, so get it again from its owner.`, { file: path, entry: entry.path });
    if (entry.size > TRUST_LIMITS.fileBytes) throw new ImgkitError('limit-exceeded', `${path}: ${JSON.stringify(entry.path)} has ${entry.size} bytes, more than any file of a trust; get it again from its owner.`, { file: path, entry: entry.path });
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(Uint8Array.from(chunk));
    files.set(entry.path, Buffer.concat(chunks));
  }
  if (files.has(MANIFEST)) return files;
  const top = [...files.keys()].find((name) => name.endsWith(`/${MANIFEST}`))?.slice(0, -MANIFEST.length);
  if (top === undefined || [...files.keys()].some((name) => !name.startsWith(top))) return files;
  return new Map([...files].map(([name, bytes]) => [name.slice(top.length), bytes]));
}

async function* plainBytes(path: string, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const { bytes } = await readBoundedFile(path, TRUST_LIMITS.totalBytes, signal);
  if (/^(?:age-encryption\.org\/|-----BEGIN AGE )/.test(Buffer.from(bytes.subarray(0, 32)).toString('latin1'))) {
    throw new ImgkitError('format-unknown', `${path}: is encrypted; decrypt it first: imgkit decrypt FILE --identity KEY -o NEW.tar`, { file: path });
  }
  let total = 0;
  for await (const chunk of decompressInput(chunksOf(bytes), sniffInput(bytes), { name: path, signal })) {
    total += chunk.length;
    if (total > TRUST_LIMITS.totalBytes) throw new ImgkitError('limit-exceeded', `${path}: holds more than the ${TRUST_LIMITS.totalBytes} bytes of any trust; get it again from its owner.`, { file: path });
    yield chunk;
  }
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
