// Builds the command as one file, for machines that have no npm:
//
//   npm run build:single   dist/single/imgkit.mjs: runs with any Node from 20.19 on, beside nothing
//   npm run build:binary   dist/single/imgkit: the same inside a copy of the Node that builds it
//
// Everything is inside: packages (native parts, which are optional, left out), WebAssembly, the scripts of the worker
// threads, and the licences of all packages. How it starts quickly all the same: build-one-file.mjs.
import { execFileSync } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { bundle } from './build-bundle.mjs';
import { licences } from './build-licences.mjs';
import { oneFile } from './build-one-file.mjs';

const root = import.meta.dirname;
const out = join(root, 'dist/single');

async function contents() {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const { files, inputs } = await bundle({ packages: 'inside' });
  const notice = await licences(inputs);
  return { notice, ...oneFile({ files, version, notice }) };
}

async function single() {
  const { text, notice } = await contents();
  const file = join(out, 'imgkit.mjs');
  await writeFile(file, text);
  await chmod(file, 0o755);
  await writeFile(join(out, 'LICENSES.txt'), notice);
  return file;
}

/** Node's single executable applications: a CommonJS script inside a copy of this Node, and the one file as its asset. */
async function binary() {
  const { text, executable } = await contents();
  const file = join(out, process.platform === 'win32' ? 'imgkit.exe' : 'imgkit');
  const work = await mkdtemp(join(tmpdir(), 'imgkit-binary-'));
  try {
    const [main, asset, config, output] = ['main.cjs', 'imgkit.mjs', 'sea.json', 'sea.blob'].map((name) => join(work, name));
    await writeFile(main, executable);
    await writeFile(asset, text);
    await writeFile(config, JSON.stringify({ main, output, assets: { 'imgkit.mjs': asset }, disableExperimentalSEAWarning: true }));
    execFileSync(process.execPath, ['--experimental-sea-config', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    await copyFile(process.execPath, file);
    await chmod(file, 0o755);
    await inject(file, await readFile(output));
  } finally {
    await rm(work, { recursive: true });
  }
  return file;
}

async function inject(file, blob) {
  const { inject: write } = await import('postject');
  // It is told of notes in Node's binary that it does not know.
  const { log, warn } = console;
  Object.assign(console, { log() {}, warn() {} });
  await write(file, 'NODE_SEA_BLOB', blob, { sentinelFuse: 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2', ...(process.platform === 'darwin' && { machoSegmentName: 'NODE_SEA' }) });
  Object.assign(console, { log, warn });
}

/** Size, and the median start-up beside that of Node alone. */
async function report(file) {
  const own = file.endsWith('.mjs') ? [process.execPath, file, '--version'] : [file, '--version'];
  const times = [[], []];
  for (let round = 0; round < 7; round += 1) {
    for (const [i, [command, ...args]] of [own, [process.execPath, '-e', '0']].entries()) {
      const started = performance.now();
      execFileSync(command, args, { cwd: '/', stdio: ['ignore', 'ignore', 'inherit'] });
      times[i].push(performance.now() - started);
    }
  }
  const [ours, node] = times.map((each) => each.toSorted((a, b) => a - b)[3].toFixed(0));
  const { size } = await stat(file);
  console.log(`${relative(root, file)}  ${(size / 1e6).toFixed(1)} MB  starts in ${ours} ms (node -e 0: ${node} ms)`);
}

await mkdir(out, { recursive: true });
await report(process.argv.includes('--binary') ? await binary() : await single());
