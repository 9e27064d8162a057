import { createHash } from 'node:crypto';
import { finishDigest, type Digest, type DigestAlgorithm } from '../content/digest.js';
import { ImgkitError } from '../errors.js';
import type { Location } from '../image/location.js';
import { openTarget } from '../operations/ship/open-target.js';
import type { Session } from './session.js';

/** The digest of the whole file that a URL names, read once; undefined for any other location. Throws `file-not-found`, and what networks do. */
export async function remoteDigest({ options: { network, signal, onProgress } }: Session, location: Location, algorithm: DigestAlgorithm = 'sha256'): Promise<Digest | undefined> {
  if (location.kind !== 'url') return undefined;
  const { transport, path, shown } = await openTarget(location.url, network, signal);
  try {
    const there = await transport.stat(path, { signal });
    if (there?.kind !== 'file') throw new ImgkitError('file-not-found', `${shown}: there is no such file at the server; check the path.`, { file: shown });
    const hash = createHash(algorithm);
    let done = 0;
    for await (const chunk of transport.read(path, { version: there.version, signal })) {
      hash.update(chunk);
      done += chunk.length;
      onProgress?.({ phase: 'digest', item: shown, done, total: there.size });
    }
    return finishDigest(hash, algorithm);
  } finally {
    await transport.close();
  }
}
