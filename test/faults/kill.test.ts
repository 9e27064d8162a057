import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { storeEntries } from '../helpers/scratch.js';
import { appears, ended, faultLab, ingesting } from './fault-lab.js';

/** How long after the first byte the signal comes, milliseconds; on a busy machine the work may win the race several times. */
const DELAYS = [0, 5, 20, 0, 0, 0, 0, 0, 0, 0];

test('a save that is killed leaves no final name, and the next one succeeds', async (t) => {
  const lab = await faultLab(t, 48);
  let killed = 0;
  for (const delay of DELAYS) {
    if (killed >= 2) break;
    await rm(join(lab.output, 'out.tar.gz'), { force: true });
    const child = lab.start(['save', lab.input, '-o', join(lab.output, 'out.tar.gz')]);
    await appears(lab.output, /\.part$/, child);
    await sleep(delay);
    child.kill('SIGKILL');
    if ((await ended(child)) !== 'SIGKILL') continue;
    // Killed between the commit and its own end, it is there as a whole.
    if (existsSync(join(lab.output, 'out.tar.gz'))) await lab.ok(['verify', join(lab.output, 'out.tar.gz')]);
    else killed += 1;
  }
  t.true(killed > 0, 'none was killed in the middle');
  await lab.ok(['save', lab.input, '-o', join(lab.output, 'out.tar.gz')]);
  await lab.ok(['verify', join(lab.output, 'out.tar.gz')]);
  t.deepEqual(await readdir(lab.output), ['out.tar.gz']);
});

test('a load that is killed leaves nothing that is named, and the next one succeeds and cleans up', async (t) => {
  const lab = await faultLab(t, 48);
  let killed = 0;
  for (const delay of DELAYS) {
    if (killed >= 2) break;
    await rm(lab.store, { recursive: true, force: true });
    const child = lab.start(['load', lab.input]);
    await appears(lab.home, /ingest\/./, child);
    await sleep(delay);
    child.kill('SIGKILL');
    if ((await ended(child)) !== 'SIGKILL') continue;
    killed += 1;
    const entries = await storeEntries(lab.store);
    // Killed between the commit and its own end, it is there as a whole.
    if (entries.length > 0) await lab.ok(['verify', 'store:']);
  }
  t.true(killed > 0, 'none was killed in the middle');
  await lab.ok(['load', lab.input]);
  await lab.ok(['verify', 'store:']);
  await lab.ok(['gc']);
  t.deepEqual(await ingesting(lab), []);
  await lab.ok(['verify', 'store:']);
});

for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]] as const) {
  test(`${signal} ends with ${code} and leaves nothing`, async (t) => {
    const lab = await faultLab(t, 48);
    const path = join(lab.output, 'out.tar');
    const runs: readonly [args: readonly string[], folder: string, pattern: RegExp][] = [
      [['save', lab.input, '-o', path, '--compress', 'gzip'], lab.output, /\.part$/],
      [['save', lab.input, '-o', `${path}.gz`], lab.output, /\.part$/],
      [['load', lab.input], lab.home, /ingest\/./],
      [['copy', lab.input, `oci:${lab.output}/layout`], lab.output, /ingest\/./],
    ];
    let interrupted = 0;
    for (const [args, folder, pattern] of runs) {
      // One that was done before the signal came leaves its result.
      for (const left of [lab.output, lab.store]) await rm(left, { recursive: true, force: true });
      await mkdir(lab.output);
      const child = lab.start(args);
      await appears(folder, pattern, child);
      child.kill(signal);
      if ((await ended(child)) !== code) continue;
      interrupted += 1;
      t.deepEqual(await lab.leftovers(), [], args.join(' '));
      t.deepEqual(await ingesting(lab), []);
      t.deepEqual(await storeEntries(lab.store), []);
    }
    t.true(interrupted >= 2, `${interrupted} were interrupted in the middle`);
  });
}

test('a reader that has enough ends the writer without a word', async (t) => {
  const lab = await faultLab(t);
  for (const more of ['', '--compress gzip', '--compress-archive zstd', '--format docker']) {
    const { stdout, stderr } = await lab.shell(`set +o pipefail; imgkit save input.tar -o - ${more} --progress none | head -c1 | wc -c; echo "\${PIPESTATUS[0]}"`);
    t.regex(stdout, /^1\n6\n$/, more);
    t.notRegex(stderr, /EPIPE|\n\s+at /);
    t.deepEqual(await lab.leftovers(), []);
  }
});
