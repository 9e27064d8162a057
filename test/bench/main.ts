// npm run bench [-- --rounds N] [--only WORD] [--from WORD] [--image DIR] [--write]: whole commands against their peers, run in turn, medians and ratios.
// Makes the bench image with make-image.sh when it is not there. --write puts the table into docs/performance.md.
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runOrThrow } from '../helpers/run.js';
import { engineJobs } from './engine-jobs.js';
import { inspectJobs } from './inspect-jobs.js';
import { jobs, type Beside, type Job } from './jobs.js';
import { layerJobs } from './layer-jobs.js';
import { measure, type Run } from './measure.js';
import { registryJobs } from './registry-jobs.js';
import { machine, table, type Result } from './report.js';
import { transferJobs } from './transfer-jobs.js';
import { trustJobs } from './trust-jobs.js';
import { WarmMemory } from './warm-memory.js';

const root = resolve(import.meta.dirname, '../../..');
const cli = join(root, 'dist/cli/bundle/main.js');
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, only: { type: 'string' }, from: { type: 'string' }, image: { type: 'string', default: join(tmpdir(), 'imgkit-bench') }, write: { type: 'boolean', default: false } },
});

await measure(['bash', join(root, 'test/bench/make-image.sh'), values.image]);
const work = await mkdtemp(join(tmpdir(), 'imgkit-bench-run-'));
const memory = new WarmMemory(work);
try {
  await measure([process.execPath, cli, 'save', `docker-archive:${join(values.image, 'docker.tar')}`, '-o', join(work, 'hybrid.tar'), '--quiet']);
  const results: Result[] = [];
  const places = { image: values.image, work, cli };
  let begun = values.from === undefined;
  for (const job of [...jobs(values.image, work, cli), ...layerJobs(places), ...engineJobs(places), ...trustJobs(places), ...transferJobs(places), ...inspectJobs(places), ...registryJobs(places)]) {
    begun ||= job.name.includes(values.from ?? '');
    if (!begun) continue;
    if (values.only !== undefined && !job.name.includes(values.only)) continue;
    if (job.needs !== undefined && !(await exists(job.needs.file))) await measure(job.needs.made);
    results.push(await compare(job, Number(values.rounds)));
    console.log(table(results.slice(-1)).split('\n').at(-1));
  }
  console.log(`\n${machine()}\n\n${table(results)}`);
  if (values.write) await writeReport(table(results));
} finally {
  memory.close();
  await rm(work, { recursive: true, force: true });
}

/** Ours and the peer's in turn, after one uncounted run of each that fills the page cache. */
async function compare(job: Job, rounds: number): Promise<Result> {
  const beside = await job.beside?.();
  try {
    const ours: Run[] = [];
    const peer: Run[] = [];
    let sizes: Result['sizes'];
    for (let round = 0; round <= rounds; round += 1) {
      await clean(job, beside);
      const a = await measure(job.ours, beside?.env);
      const ourSize = job.sizes && (await sizeOf(job.sizes[0]));
      await clean(job, beside);
      const b = await measure(job.peer, beside?.env);
      if (job.sizes !== undefined && ourSize !== undefined) sizes = [ourSize, await sizeOf(job.sizes[1])];
      if (round === 0) continue;
      ours.push(a);
      peer.push(b);
    }
    await clean(job, beside);
    const [command, ...args] = job.note ?? [];
    const note = command === undefined ? undefined : (await runOrThrow(command, args)).trim();
    return { job, ours, peer, sizes, note };
  } finally {
    await beside?.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(() => true, () => false);
}

async function clean({ outputs }: Job, beside: Beside | undefined): Promise<void> {
  await beside?.clean();
  for (const path of outputs) await rm(path, { recursive: true, force: true });
  if (outputs.length > 0) memory.fill();
}

/** Bytes of all files below `path`. */
async function sizeOf(path: string): Promise<number> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function writeReport(text: string): Promise<void> {
  const path = join(root, 'docs/performance.md');
  const before = await readFile(path, 'utf8').catch(() => '<!-- table -->\n<!-- end -->\n');
  const section = `<!-- table -->\n${new Date().toISOString().slice(0, 10)}, ${machine()}\n\n${text}\n<!-- end -->`;
  await mkdir(join(root, 'docs'), { recursive: true });
  await writeFile(path, before.replace(/<!-- table -->[\s\S]*<!-- end -->/, () => section));
}
