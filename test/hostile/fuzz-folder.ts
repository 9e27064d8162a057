import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

let folder: string | undefined;

/** A folder of this thread for parsers that read files; gone at its end. */
export function fuzzFolder(): string {
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'imgkit-fuzz-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  return folder;
}

/** Writes a file there, for its owner alone as secrets must be, and gives its path. */
export async function fuzzFile(name: string, content: Uint8Array | string): Promise<string> {
  const path = join(fuzzFolder(), name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content, { mode: 0o600 });
  return path;
}
