import { createHash } from 'node:crypto';
import { digestHex, finishDigest, type Digest } from '../../content/digest.js';
import type { WorkOptions } from '../../progress.js';
import { splitRemotePath } from '../../transport/remote-name.js';
import type { MakeSidecars } from '../trust/sign-sidecars.js';
import { commitUpload, plainSidecars, requireFree } from './commit-upload.js';
import { removeLeftParts } from './held-part.js';
import { newPart } from './own-part.js';
import { explainMissingFolder } from './missing-folder.js';
import { orNothing } from './or-nothing.js';
import { randomId, removeQuietly, type RemoteTarget } from './remote-target.js';
import { requireProof, verifyRemote, type RemoteProof, type VerifyMode } from './verify-remote.js';

export interface UploadOptions extends WorkOptions {
  /** Of the whole stream, where it is known. */
  readonly size?: number | undefined;
  readonly force: boolean;
  readonly verify: VerifyMode;
  /** Makes the statement and its signatures. Default: the statement alone. */
  readonly sidecars?: MakeSidecars | undefined;
}

export interface Uploaded {
  readonly digest: Digest;
  readonly size: number;
  readonly proof: RemoteProof;
}

/**
 * Sends `chunks`, which are made on the way and exist nowhere else, to a host: under a temporary name, hashed while they go, proven at the
 * far end, renamed, then `NAME.sha256`. What fails leaves nothing there. Throws `remote-refused` for a taken name, and as {@link verifyRemote}.
 */
export async function uploadStream(target: RemoteTarget, chunks: AsyncIterable<Uint8Array>, { size, force, verify, sidecars, signal, onProgress }: UploadOptions): Promise<Uploaded> {
  const { transport, abilities, path, presigned } = target;
  requireProof(target, verify);
  await requireFree(target, force, signal);
  const { path: part, release } = abilities.rename === 'none' ? { path, release: () => undefined } : await newPart(path, randomId());
  const hash = createHash('sha256');
  let sent = 0;
  const hashed = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      hash.update(chunk);
      sent += chunk.length;
      yield chunk;
    }
  };
  try {
    const write = async (): Promise<Uploaded> => {
      await transport.write(part, hashed(), { size, signal }).catch(async (error: unknown) => {
        throw await explainMissingFolder(error, target, signal);
      });
      const found = { digest: finishDigest(hash, 'sha256'), size: sent };
      return { ...found, proof: presigned ? 'size' : await verifyRemote(target, part, found, verify, { signal, onProgress }) };
    };
    const uploaded = await (part === path ? orNothing(target, { force }, write) : write());
    if (presigned) return uploaded;
    const { name } = splitRemotePath(path);
    // Made before the rename: what cannot be signed gets no name.
    await commitUpload(target, part, (await sidecars?.(name, uploaded)) ?? plainSidecars(name, uploaded.digest, uploaded.size), force, signal);
    // What a killed process left of this name.
    if (part !== path) await removeLeftParts(target, digestHex(uploaded.digest), signal).catch(() => undefined);
    return uploaded;
  } catch (error) {
    if (part !== path) await removeQuietly(target, part);
    throw error;
  } finally {
    release();
  }
}
