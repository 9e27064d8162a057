import { readFolder } from '../filesystem/rootfs-folder.js';
import { readRootfsTar } from '../filesystem/rootfs-tar.js';
import type { Rootfs, RootfsAdjustments } from '../filesystem/rootfs.js';
import { openLayerInput, plainTar } from './layer-input.js';
import type { Session } from './session.js';

/** The filesystem in the folder or tar at `path`; `-` is standard input. The caller adjusts and closes it. */
export async function openRootfs(session: Session, path: string, { excludes }: RootfsAdjustments): Promise<{ readonly rootfs: Rootfs; readonly kind: 'folder' | 'tar' }> {
  const { limits, options } = session;
  const input = await openLayerInput(session, path);
  if (input.kind === 'folder') return { rootfs: readFolder(path, { limits, signal: options.signal, excludes }), kind: 'folder' };
  const source = await plainTar(session, input);
  try {
    return { rootfs: await readRootfsTar(source, { limits, signal: options.signal, onProgress: options.onProgress }), kind: 'tar' };
  } catch (error) {
    await source.close();
    throw error;
  }
}
