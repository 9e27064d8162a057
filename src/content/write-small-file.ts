import { createAtomicFile } from './atomic-file.js';
import { writeFully } from './write-fully.js';

/** Writes a small file: it appears under its name complete and synced, or not at all. Throws `file-exists` unless `overwrite`, `disk-full`, `io-failed`. */
export async function writeSmallFile(path: string, bytes: Uint8Array, { overwrite }: { readonly overwrite: boolean }): Promise<void> {
  const file = await createAtomicFile(path, { overwrite });
  try {
    await writeFully(file.handle, bytes, 0, path);
    await file.commit();
  } finally {
    await file.discard();
  }
}
