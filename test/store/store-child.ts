// A process of its own for the tests of concurrency and crashes: node store-child.js VERB FOLDER [ARGUMENT...]
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { digestOf } from '../../src/content/digest.js';
import { isImgkitError } from '../../src/errors.js';
import { resolveLimits } from '../../src/limits.js';
import { controlFolder } from '../../src/store/control-folder.js';
import { LayoutBlobs } from '../../src/store/layout-blobs.js';
import { withLock } from '../../src/store/lock.js';
import { openStore } from '../../src/store/store.js';
import { sampleImage, transferOf, writeBlobs } from './sample-image.js';
import { threadPool } from './thread-pool.js';

const [verb, folder = '', ...rest] = process.argv.slice(2);
const limits = resolveLimits();

switch (verb) {
  case 'hold-lock':
    await withLock(controlFolder(folder, { permanent: true }), async () => {
      process.stdout.write('held\n');
      await sleep(60_000);
    });
    break;
  case 'count':
    await count(Number(rest[0]));
    break;
  case 'load':
    await load(rest[0] ?? '', Number(rest[1]), rest[2] ?? '0');
    break;
  case 'gc':
    await collect(rest[0] ?? '');
    break;
  case 'save':
    await save(Number(rest[0]));
    break;
  default:
    throw new Error(`unknown verb ${String(verb)}`);
}

/** Adds to a counter in a file, `times` times, not atomically: only the lock keeps additions from being lost. */
async function count(times: number): Promise<void> {
  const path = join(folder, 'counter');
  for (let i = 0; i < times; i += 1) {
    await withLock(controlFolder(folder, { permanent: false }), async () => {
      const value = Number(await readFile(path, 'utf8').catch(() => '0'));
      await sleep(1);
      await writeFile(path, String(value + 1));
    });
  }
}

/** Loads `images` images, which all share layers with those of other processes. It pauses in each blob: `until` is milliseconds, or a file to wait for. */
async function load(prefix: string, images: number, until: string): Promise<void> {
  const parent = process.ppid;
  const pause = /^\d+$/.test(until) ? Number(until) : async () => {
    while (!existsSync(until) && process.ppid === parent) await sleep(2);
  };
  const store = await openStore({ folder, limits });
  const source = await mkdtemp(join(tmpdir(), 'images-'));
  const blobs = new LayoutBlobs(source);
  try {
    for (let i = 0; i < images; i += 1) {
      const image = sampleImage(`${prefix}${String(i)}`, ['base', `shared${String(i)}`, `${prefix}${String(i)}`]);
      await writeBlobs(source, image);
      const sink = store.sink({ pool: threadPool({ pause }) });
      try {
        await sink.write(transferOf(image, blobs, [`docker.io/library/${prefix}:${String(i)}`]));
      } finally {
        await sink.discard();
      }
      process.stdout.write(`${prefix}:${String(i)}\n`);
    }
  } finally {
    await blobs.close();
    await rm(source, { recursive: true });
  }
}

/** Collects again and again until the file `stop` is there, or the test is gone without having made it, and then once more. */
async function collect(stop: string): Promise<void> {
  const parent = process.ppid;
  const store = await openStore({ folder, limits });
  let removed = 0;
  for (let stopped = false; !stopped; await sleep(2)) {
    stopped = existsSync(stop) || process.ppid !== parent;
    removed += (await store.gc()).removedBlobs;
  }
  process.stdout.write(`${String(removed)}\n`);
}

/** Reads an image that is untagged under its feet: the lease alone keeps it. */
async function save(times: number): Promise<void> {
  const store = await openStore({ folder, limits });
  for (let i = 0; i < times; i += 1) {
    const image = sampleImage(`save${String(i)}`);
    const name = `docker.io/library/save:${String(i)}`;
    const lease = await store.lease(image.blobs.keys());
    const source = await mkdtemp(join(tmpdir(), 'images-'));
    await writeBlobs(source, image);
    const blobs = new LayoutBlobs(source);
    await store.sink({ pool: threadPool() }).write(transferOf(image, blobs, [name]));
    await blobs.close();
    await rm(source, { recursive: true });
    await store.remove([name]);
    await sleep(10);
    const opened = await store.source();
    for (const digest of image.blobs.keys()) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of opened.blobs.openUnverified(digest)) chunks.push(chunk);
      if (digestOf(Buffer.concat(chunks)) !== digest) throw new Error(`${digest} is damaged`);
    }
    await opened.close();
    await lease.release();
    const gone = await store.find(name).then(() => false, (error: unknown) => isImgkitError(error, 'image-not-found'));
    if (!gone) throw new Error(`${name} is still there`);
  }
}
