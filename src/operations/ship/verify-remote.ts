import { createHash } from 'node:crypto';
import { finishDigest, type Digest } from '../../content/digest.js';
import { lentBytes } from '../../content/lent-chunk.js';
import { ImgkitError } from '../../errors.js';
import type { WorkOptions } from '../../progress.js';
import type { RemoteTarget } from './remote-target.js';

/** How the file at the far end was proven: its size, a SHA-256 that the server computed, or every byte read back. */
export type RemoteProof = 'size' | 'hash' | 'readback';
/** `auto`: the server's hash where it has one, else the size. */
export type VerifyMode = 'auto' | RemoteProof;

/** Refuses, before the first byte is sent, a proof that this server cannot give. Throws `location-unsupported`. */
export function requireProof({ abilities, shown }: Pick<RemoteTarget, 'abilities' | 'shown'>, mode: VerifyMode): void {
  if (mode === 'hash' && !abilities.hash) {
    throw new ImgkitError('location-unsupported', `${shown}: this server computes no SHA-256; use --verify readback, which reads the file once more, or --verify size.`, { file: shown });
  }
}

/**
 * Proves that `path` at the far end is what was sent. The size counts always, where the server tells it. Throws `network-failed` for
 * another size, `digest-mismatch` for other bytes, `location-unsupported` where `hash` is asked for and the server computes none of this file.
 */
export async function verifyRemote(target: RemoteTarget, path: string, wanted: { readonly digest: Digest; readonly size: number }, mode: VerifyMode, { signal, onProgress }: WorkOptions): Promise<RemoteProof> {
  const { transport, abilities, shown } = target;
  requireProof(target, mode);
  const stat = await transport.stat(path, { signal });
  if (stat?.kind !== 'file' || (stat.size !== undefined && stat.size !== wanted.size)) {
    const found = stat === undefined ? 'nothing' : `${stat.size ?? 'no'} bytes`;
    throw new ImgkitError('network-failed', `${shown}: ${wanted.size} bytes were sent and the server has ${found}; run it again.`, { file: shown, expected: `${wanted.size} bytes`, found });
  }
  if (mode === 'size' || (mode === 'auto' && !abilities.hash)) return 'size';
  const proof = mode === 'readback' ? 'readback' : 'hash';
  const found = proof === 'hash' ? await transport.hash(path, { signal }) : await readBack(target, path, wanted.size, { signal, onProgress });
  if (found === wanted.digest) return proof;
  // Of some files it tells none: one is too large for it, the name of another cannot be asked for.
  if (found === undefined && mode === 'auto') return 'size';
  if (found === undefined) throw new ImgkitError('location-unsupported', `${shown}: this server computes no SHA-256 of this file; run it again with --verify readback, which reads the file once more, or --verify size.`, { file: shown });
  throw new ImgkitError('digest-mismatch', `${shown}: the file at the server is not the one that was sent (${found}); something changed it on the way or there. Run it again.`, { file: shown, expected: wanted.digest, found });
}

async function readBack({ transport, shown }: RemoteTarget, path: string, total: number, { signal, onProgress }: WorkOptions): Promise<Digest> {
  const hash = createHash('sha256');
  let done = 0;
  for await (const chunk of transport.read(path, { lent: true, signal })) {
    hash.update(lentBytes(chunk));
    done += chunk.length;
    onProgress?.({ phase: 'read back', item: shown, done, total });
  }
  return finishDigest(hash, 'sha256');
}
