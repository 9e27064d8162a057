import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test from 'ava';
import { createArchiveSink, type ArchiveSinkFormat } from '../../formats/archive-sink.js';
import type { ArchiveTarget } from '../../formats/archive-target.js';
import { openOciLayout } from '../../formats/oci-layout-source.js';
import { openArchiveFile } from '../../formats/open-archive.js';
import { openPool } from '../../src/operations/open-pool.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { LayoutBlobs } from '../../src/store/layout-blobs.js';
import { LayoutSink } from '../../src/store/layout-sink.js';
import { openStore } from '../../src/store/store.js';
import { blobPath } from '../helpers/image-builder.js';
import { makeScratch } from '../helpers/scratch.js';
import { imageSinkContract, type SinkTarget, type SinkUnderTest } from './image-sink.js';
import { collect } from '../content/bytes.js';
import { memoryBlobs } from './read-blob.js';

const scratch = makeScratch();
const pool = openPool();
const limits = DEFAULT_LIMITS;
const opened: LayoutBlobs[] = [];
test.after.always(async () => {
  for (const blobs of opened) await blobs.close();
  await pool.close();
  scratch.remove();
});

let count = 0;
async function freshFolder(): Promise<string> {
  count += 1;
  const folder = scratch.path(String(count));
  await mkdir(folder);
  return folder;
}

/** Every file below `folder`; `hidden` says which are the empty shell of a layout. */
async function filesOf(folder: string, isShell: (path: string, bytes: Buffer) => boolean = () => false): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    if (!isShell(path, bytes)) files.set(path.slice(folder.length + 1), bytes);
  }
  return new Map([...files].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Blobs in files, which workers can read by themselves. */
const inFiles: SinkUnderTest['blobs'] = async (of) => {
  const folder = await freshFolder();
  for (const [digest, bytes] of of) {
    const path = join(folder, blobPath(digest));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
  const blobs = new LayoutBlobs(folder);
  opened.push(blobs);
  return blobs;
};

function archiveTarget(format: ArchiveSinkFormat, kind: ArchiveTarget['kind']): () => Promise<SinkTarget> {
  return async () => {
    const folder = await freshFolder();
    const path = join(folder, 'out.tar');
    const stream: ArchiveTarget = { kind: 'stream', name: 'stream', consume: async (chunks, size) => {
      await writeFile(path, await collect(chunks));
      return size;
    } };
    return {
      sink: async () => createArchiveSink({ format, target: kind === 'file' ? { kind, path } : stream, pool, limits, location: path }),
      read: () => openArchiveFile(path, { limits }),
      files: () => filesOf(folder),
    };
  };
}

for (const format of ['hybrid', 'oci-archive', 'docker-archive'] as const) {
  for (const kind of ['file', 'stream'] as const) {
    for (const [where, blobs] of [['files', inFiles], ['memory', async (of) => memoryBlobs(of)]] satisfies [string, SinkUnderTest['blobs']][]) {
      const layers = format === 'docker-archive' ? 'none' : 'any';
      imageSinkContract(test, `${format}, ${kind}, blobs in ${where}`, { format, layers, canRetry: kind === 'file', keepsManifests: layers === 'any', target: archiveTarget(format, kind), blobs });
    }
  }
}

imageSinkContract(test, 'oci-layout', {
  format: 'oci-layout', layers: 'any', canRetry: true, keepsManifests: true, blobs: inFiles,
  async target() {
    const folder = join(await freshFolder(), 'layout');
    return {
      sink: async () => new LayoutSink({ kind: 'oci-layout', refNameFor: (_root, name) => name, folder, pool, limits }),
      read: () => openOciLayout(folder, limits),
      files: () => filesOf(dirname(folder)),
    };
  },
});

imageSinkContract(test, 'store', {
  format: 'store', layers: 'any', canRetry: true, keepsManifests: true, blobs: inFiles,
  async target() {
    const folder = await freshFolder();
    const store = await openStore({ folder, limits });
    const isShell = (path: string, bytes: Buffer): boolean => /\/(?:oci-layout|lock)$/.test(path) || (path.endsWith('index.json') && bytes.includes('"manifests":[]'));
    return { sink: async () => store.sink({ pool }), read: async () => store.source(), files: () => filesOf(folder, isShell) };
  },
});
