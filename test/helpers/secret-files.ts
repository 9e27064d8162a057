import { chmod, writeFile } from 'node:fs/promises';
import type { Scratch } from './scratch.js';

/** Writes files with secrets into a folder of a test; each resolves with its path. */
export function secretFiles(scratch: Scratch): (name: string, content: string | Uint8Array, mode?: number) => Promise<string> {
  return async (name, content, mode = 0o600) => {
    await writeFile(scratch.path(name), content);
    await chmod(scratch.path(name), mode);
    return scratch.path(name);
  };
}
