import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { digestOf } from '../../src/content/digest.js';
import { blobPath } from '../../src/store/layout-blobs.js';
import { openStore, type Store } from '../../src/store/store.js';
import { firstOutput, killHard, startChild } from './child.js';
import { emptyStore, limits } from './open-sample.js';
import { temporaryFolder } from './temporary-folder.js';

/** Every image of the index is whole: its manifest, config and layers are there and are what their digests say. */
async function requireWhole(store: Store): Promise<readonly string[]> {
  const { roots } = await store.source();
  for (const { descriptor } of roots) {
    const manifest = await readFile(blobPath(store.folder, descriptor.digest));
    const { config, layers } = JSON.parse(manifest.toString()) as { config: typeof descriptor; layers: (typeof descriptor)[] };
    for (const { digest } of [descriptor, config, ...layers]) {
      if (digestOf(await readFile(blobPath(store.folder, digest))) !== digest) throw new Error(`${digest} is damaged`);
    }
  }
  return roots.flatMap(({ names }) => names);
}

test('loads that share layers, collections and a reader side by side lose nothing', async (t) => {
  const folder = join(await temporaryFolder(t), 'store');
  const stop = join(folder, '..', 'stop');
  const collections = [startChild('gc', folder, stop), startChild('gc', folder, stop)];
  const others = [...['a', 'b', 'c'].map((prefix) => startChild('load', folder, prefix, 10, 15)), startChild('save', folder, 10)];
  await Promise.all(others.map(({ done }) => done)).finally(() => writeFile(stop, ''));
  const removed = await Promise.all(collections.map(({ done }) => done));
  const store = await openStore({ folder, limits });
  const expected = ['a', 'b', 'c'].flatMap((prefix) => Array.from({ length: 10 }, (_, i) => `docker.io/library/${prefix}:${String(i)}`));
  t.deepEqual([...(await requireWhole(store))].sort(), expected.sort());
  t.true(removed.some((count) => Number(count) > 0), 'the collections had something to do');
  await store.gc();
  // base, ten shared, and of each image: top layer, config, manifest
  t.is((await readdir(join(folder, 'blobs', 'sha256'))).length, 1 + 10 + 30 * 3);
  t.deepEqual(await readdir(join(folder, '.imgkit'), { recursive: true }), ['ingest', 'leases']);
});

test('a load that is killed leaves the index whole, and the next collection cleans up after it alone', async (t) => {
  const store = await emptyStore(t);
  const control = join(store.folder, '.imgkit');
  const go = join(await temporaryFolder(t), 'go');
  const survivor = startChild('load', store.folder, 'live', 1, go);
  // The survivor must hold its lease before the other is killed.
  while ((await readdir(join(control, 'leases')).catch(() => [])).length === 0) await sleep(10);
  const victim = startChild('load', store.folder, 'dead', 1000, 30);
  await firstOutput(victim);
  await sleep(50 + Math.random() * 60);
  await killHard(victim);
  const names = await requireWhole(store);
  t.true(names.length > 0);
  const leasesBefore = (await readdir(join(control, 'leases'))).length;
  t.true(leasesBefore >= 1);
  await store.gc();
  t.is((await readdir(join(control, 'leases'))).length, 1, 'the lease of the survivor');
  await writeFile(go, '');
  await survivor.done;
  t.deepEqual([...(await requireWhole(store))].sort(), [...names, 'docker.io/library/live:0'].sort());
  await store.gc();
  t.deepEqual([...(await readdir(join(control, 'leases'))), ...(await readdir(join(control, 'ingest')))], []);
});

test('killed at any moment, again and again, the store stays whole', async (t) => {
  const store = await emptyStore(t);
  for (let round = 0; round < 8; round += 1) {
    const victim = startChild('load', store.folder, `r${String(round)}`, 1000, 0);
    await firstOutput(victim);
    await sleep(Math.random() * 40);
    await killHard(victim);
    await requireWhole(store);
  }
  await store.gc();
  const names = await requireWhole(store);
  t.true(names.length >= 8);
  t.deepEqual((await readdir(join(store.folder, '.imgkit'))).sort(), ['ingest', 'leases']);
});
