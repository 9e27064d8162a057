import { createAtomicFile } from '../../content/atomic-file.js';
import { writeFully } from '../../content/write-fully.js';

/** Writes a small public file whole: it appears under its name complete and synced, or not at all. Throws `file-exists` unless `overwrite`, `disk-full`, `io-failed`. */
export async function writeSidecar(path: string, bytes: Uint8Array, { overwrite }: { readonly overwrite: boolean }): Promise<void> {
  const file = await createAtomicFile(path, { overwrite });
  try {
    await writeFully(file.handle, bytes, 0, path);
    await file.commit();
  } finally {
    await file.discard();
  }
}
