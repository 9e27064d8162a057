import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { openFileTransport } from '../../../src/transport/file/file-transport.js';
import { transportContract } from '../../contract/transport-suite.js';

transportContract(test, 'file', {
  abilities: { readRange: true, append: true, list: true, rename: 'replace', hash: true, partial: 'after-close' },
  async start() {
    const folder = await mkdtemp(join(tmpdir(), 'imgkit-test-'));
    return {
      folder,
      open: async () => openFileTransport(),
      readBack: (path) => readFile(path).catch(() => undefined),
      async plant(path, bytes) {
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, bytes);
      },
      stop: () => rm(folder, { recursive: true }),
    };
  },
});
