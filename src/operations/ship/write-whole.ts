import { createHash } from 'node:crypto';
import { newPart } from './own-part.js';
import { removeQuietly, renameOver, type RemoteTarget } from './remote-target.js';

/** Writes a small file so that it appears whole: under a temporary name first, where the server can rename. It takes the place of another. */
export async function writeWhole(target: Pick<RemoteTarget, 'transport' | 'abilities'>, path: string, bytes: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
  const { transport, abilities } = target;
  const once = async function* (): AsyncGenerator<Uint8Array> {
    if (bytes.length > 0) yield bytes;
  };
  if (abilities.rename === 'none') return transport.write(path, once(), { size: bytes.length, signal });
  const part = await newPart(path, createHash('sha256').update(bytes).digest('hex'));
  try {
    await transport.write(part.path, once(), { size: bytes.length, signal });
    await renameOver(target, part.path, path, true, signal);
  } catch (error) {
    await removeQuietly(target, part.path);
    throw error;
  } finally {
    part.release();
  }
}
