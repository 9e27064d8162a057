import { readFolder } from '../filesystem/rootfs-folder.js';
import { readRootfsTar } from '../filesystem/rootfs-tar.js';
import type { Rootfs, RootfsAdjustments } from '../filesystem/rootfs.js';
import { openLayerInput, plainTar, type LayerInput } from './layer-input.js';
import type { Session } from './session.js';

/** The filesystem in the folder or tar at `path`; `-` is standard input. The caller adjusts and closes it. */
export async function openRootfs(session: Session, path: string, adjustments: RootfsAdjustments): Promise<{ readonly rootfs: Rootfs; readonly kind: 'folder' | 'tar' }> {
  const input = await openLayerInput(session, path);
  return { rootfs: await readRootfs(session, input, adjustments), kind: input.kind };
}

/** The filesystem in `input`, which it owns from now on. The caller adjusts and closes it. */
export async function readRootfs(session: Session, input: LayerInput, { excludes }: RootfsAdjustments): Promise<Rootfs> {
  const { limits, options: { signal, onProgress } } = session;
  if (input.kind === 'folder') return readFolder(input.path, { limits, signal, excludes });
  const source = await plainTar(session, input);
  try {
    return await readRootfsTar(source, { limits, signal, onProgress });
  } catch (error) {
    await source.close();
    throw error;
  }
}
