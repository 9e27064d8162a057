import type { Digest, DigestAlgorithm } from '../content/digest.js';
import { openFileSource } from '../content/file-source.js';
import type { PinnedFile } from './pinned-file.js';
import type { Session } from './session.js';

/** The digest of the whole file, computed in a worker; `pinned` says which file it must be. */
export async function fileDigest(session: Session, path: string, algorithm: DigestAlgorithm = 'sha256', pinned?: PinnedFile): Promise<Digest> {
  const { limits } = session;
  const { signal, onProgress } = session.options;
  const file = await openFileSource(path);
  try {
    const input = file.locate({ offset: 0, length: file.size });
    if (input === undefined) throw new TypeError(`${path} is not in a file`);
    const onBytes = (done: number): void => onProgress?.({ phase: 'digest', item: path, done, total: file.size });
    const { digest } = await (await session.pool()).run({ input, compression: 'none', algorithm, scanLayer: false, limits }, { signal, onBytes });
    await pinned?.compare(file);
    return digest;
  } finally {
    await file.close();
  }
}
