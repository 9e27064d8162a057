import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';

/** A folder that is removed when the test ends. */
export async function tempFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'imgkit-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** An open file that holds `bytes`; closed and removed when the test ends. */
export async function tempFile(t: ExecutionContext, bytes: Uint8Array = new Uint8Array()): Promise<FileHandle> {
  const handle = await open(join(await tempFolder(t), 'file'), 'wx+');
  t.teardown(() => handle.close());
  await handle.writeFile(bytes);
  return handle;
}
