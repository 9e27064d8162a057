import { createHash } from 'node:crypto';
import { finishDigest, type Digest, type DigestAlgorithm } from '../content/digest.js';
import { ImgkitError } from '../errors.js';
import type { Location } from '../image/location.js';
import { openTarget } from '../operations/ship/open-target.js';
import type { Session } from './session.js';

/** The bytes of the file that a URL names, read once. Throws `file-not-found`, and what networks do. */
export async function* remoteChunks({ options: { network, signal, onProgress } }: Session, url: string): AsyncGenerator<Uint8Array, void, undefined> {
  const { transport, path, shown } = await openTarget(url, { network, signal, purpose: 'read' });
  try {
    const there = await transport.stat(path, { signal });
    if (there?.kind !== 'file') throw new ImgkitError('file-not-found', `${shown}: there is no such file at the server; check the path.`, { file: shown });
    let done = 0;
    for await (const chunk of transport.read(path, { version: there.version, signal })) {
      yield chunk;
      done += chunk.length;
      onProgress?.({ phase: 'digest', item: shown, done, total: there.size });
    }
  } finally {
    await transport.close();
  }
}

/** The digest of the whole file that a URL names, read once; undefined for any other location. Throws `file-not-found`, and what networks do. */
export async function remoteDigest(session: Session, location: Location, algorithm: DigestAlgorithm = 'sha256'): Promise<Digest | undefined> {
  if (location.kind !== 'url') return undefined;
  const hash = createHash(algorithm);
  for await (const chunk of remoteChunks(session, location.url)) hash.update(chunk);
  return finishDigest(hash, algorithm);
}
