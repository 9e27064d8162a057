import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Part } from './image-builder.js';

/** A folder for one test file, and the process's TMPDIR inside it, so that what is left there can be seen. */
export interface Scratch {
  readonly folder: string;
  readonly temp: string;
  path(...names: readonly string[]): string;
  /** Writes a file and returns its path. */
  write(name: string, bytes: Uint8Array | string): Promise<string>;
  /** As `write`, for what must be there before the tests are declared. */
  writeNow(name: string, bytes: Uint8Array | string): string;
  /** Writes parts as files of a folder and returns its path. */
  layout(name: string, parts: readonly Part[]): Promise<string>;
  /** Every file and folder below `name`, sorted; empty when it is not there. */
  tree(name?: string): Promise<readonly string[]>;
  remove(): void;
}

/** Makes the folder at once, before anything asks for TMPDIR. Each test file runs in a process of its own. */
export function makeScratch(): Scratch {
  const folder = mkdtempSync(join(tmpdir(), 'imgkit-test-'));
  const temp = join(folder, 'tmp');
  mkdirSync(temp);
  process.env['TMPDIR'] = temp;
  const path = (...names: readonly string[]): string => join(folder, ...names);
  const write = async (name: string, bytes: Uint8Array | string): Promise<string> => {
    await mkdir(dirname(path(name)), { recursive: true });
    await writeFile(path(name), bytes);
    return path(name);
  };
  return {
    folder, temp, path, write,
    writeNow(name, bytes) {
      writeFileSync(path(name), bytes);
      return path(name);
    },
    async layout(name, parts) {
      for (const [part, body] of parts) {
        if (typeof body === 'object' && !(body instanceof Uint8Array)) throw new Error('a layout has no links');
        await write(`${name}/${part}`, body);
      }
      return path(name);
    },
    tree: async (name = '') => (await readdir(path(name), { recursive: true }).catch(() => [])).toSorted(),
    remove() {
      openFolders(Buffer.from(folder));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Gives the owner every right to the folders below, whatever bytes their names have: tests make some that only root could remove. */
function openFolders(folder: Buffer): void {
  chmodSync(folder, 0o700);
  for (const entry of readdirSync(folder, { withFileTypes: true, encoding: 'buffer' })) {
    if (entry.isDirectory()) openFolders(Buffer.concat([folder, Buffer.from('/'), entry.name]));
  }
}

/** What the store in `folder` names: entries of its index.json. */
export async function storeEntries(folder: string): Promise<readonly unknown[]> {
  const text = await readFile(join(folder, 'index.json'), 'utf8').catch(() => '{"manifests":[]}');
  return (JSON.parse(text) as { manifests: unknown[] }).manifests;
}

/** Files below the store's control folder: unfinished blobs, leases. */
export async function storeLeftovers(folder: string): Promise<readonly string[]> {
  const names = await readdir(join(folder, '.imgkit'), { recursive: true, withFileTypes: true }).catch(() => []);
  return names.filter((entry) => entry.isFile() && entry.name !== 'lock').map(({ name }) => name);
}
