// Builds the command as one file, for machines that have no npm:
//
//   npm run build:single   dist/single/imgkit.mjs: runs with any Node from 20.19 on, beside nothing
//   npm run build:binary   dist/single/imgkit: the same inside a copy of the Node that builds it
//
// Everything is inside: packages (native parts, which are optional, left out), WebAssembly, the scripts of the
// worker threads (as data: URLs), and the licences of all packages at the end.
import { execFileSync } from 'node:child_process';
import { chmod, copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';

const root = import.meta.dirname;
const out = join(root, 'dist/single');
const workerUrl = /new URL\(\s*["'](\.{1,2}\/[\w./-]+)\.js["'],\s*import\.meta\.url\s*\)/g;
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

/** Names stay, so that a stack trace can be read; spaces and syntax go. */
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  write: false,
  metafile: true,
  legalComments: 'none',
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: 'warning',
  define: { IMGKIT_VERSION: JSON.stringify(version) },
};

/** Packages that are CommonJS ask for Node's modules with `require`, which a module lacks. */
const requireForModules = "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire('file:///');";

/** Names of zstd's package and of the one module that loads it: in CommonJS nothing can be awaited while a module loads, so it is afterwards. */
const awaited = [
  [/@cloudpss\/zstd\/dist\/wasm\.js$/, 'const Module = await wasmModule();', 'let Module; export const ready = wasmModule().then((module) => { Module = module; });'],
  [/src\/content\/zstd-compress\.ts$/, "return await import('@cloudpss/zstd/wasm');", "const zstd = await import('@cloudpss/zstd/wasm'); await zstd.ready; return zstd;"],
];

/** @type {import('esbuild').Plugin} */
const awaitLater = {
  name: 'await-later',
  setup(builder) {
    for (const [filter, from, to] of awaited) {
      builder.onLoad({ filter }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        if (!text.includes(from)) throw new Error(`${path} no longer says ${from}`);
        return { contents: text.replace(from, to), loader: path.endsWith('.ts') ? 'ts' : 'js' };
      });
    }
  },
};

/** TypeScript behind the names with `.js`, workers as data: URLs, and no native code. @returns {import('esbuild').Plugin} */
function parts(workers) {
  return {
    name: 'parts',
    setup(builder) {
      builder.onResolve({ filter: /(?:^cpu-features$|\.node$)/ }, ({ path }) => ({ path, namespace: 'native' }));
      builder.onLoad({ filter: /.*/, namespace: 'native' }, ({ path }) => ({ contents: `throw new Error(${JSON.stringify(`${basename(path)} is not part of this build`)});` }));
      builder.onResolve({ filter: /^\.{1,2}\// }, ({ importer, path }) => {
        if (importer.includes('node_modules') || !importer.endsWith('.ts')) return undefined;
        return { path: resolve(dirname(importer), path.replace(/\.js$/, '.ts')) };
      });
      builder.onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
        contents: (await readFile(path, 'utf8')).replaceAll(workerUrl, (_, name) => `new URL(${JSON.stringify(workers.get(basename(name)) ?? missing(name))})`),
        loader: 'ts',
      }));
    },
  };
}

function missing(name) {
  throw new Error(`${name} is started as a worker by a worker: build it first`);
}

/** The scripts of the worker threads, as data: URLs by name. */
async function buildWorkers() {
  const workers = new Map();
  for (const folder of ['src', 'formats']) {
    for (const entry of (await readdir(join(root, folder), { recursive: true })).filter((name) => name.endsWith('.ts'))) {
      for (const [, name] of (await readFile(join(root, folder, entry), 'utf8')).matchAll(workerUrl)) {
        const source = join(root, folder, dirname(entry), `${name}.ts`);
        const { outputFiles } = await build({ ...common, entryPoints: [source], format: 'esm', banner: { js: requireForModules }, plugins: [parts(new Map())] });
        workers.set(basename(name), `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
      }
    }
  }
  return workers;
}

/** The licence texts of every package that is inside, one after the other. */
async function licences(inputs) {
  const folders = new Set(Object.keys(inputs).map((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]).filter(Boolean));
  const texts = [];
  for (const folder of [...folders].sort()) {
    const { name, version: number, license } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
    const files = (await readdir(join(root, folder))).filter((file) => /^(?:licen[cs]e|copying|notice)/i.test(file)).sort();
    const bodies = await Promise.all(files.map((file) => readFile(join(root, folder, file), 'utf8')));
    texts.push(`${name} ${number} (${typeof license === 'string' ? license : 'see below'})\n\n${bodies.join('\n').trim()}`);
  }
  return `This program contains the following packages.\n\n${texts.join(`\n\n${'-'.repeat(72)}\n\n`)}\n`;
}

async function single() {
  const workers = await buildWorkers();
  const { outputFiles, metafile } = await build({ ...common, entryPoints: [join(root, 'cli/main.ts')], format: 'esm', banner: { js: requireForModules }, plugins: [parts(workers)] });
  const notice = await licences(metafile.inputs);
  const file = join(out, 'imgkit.mjs');
  const script = outputFiles[0].text.replace(/^#!.*\n/, '');
  await writeFile(file, `#!/usr/bin/env node\n${script}\n/*\n${notice.replaceAll('*/', '* /')}*/\n`);
  await chmod(file, 0o755);
  await writeFile(join(out, 'LICENSES.txt'), notice);
  return [file];
}

/** Node's single executable applications: a CommonJS script inside a copy of this Node. */
async function binary() {
  const workers = await buildWorkers();
  const { outputFiles } = await build({ ...common, entryPoints: [join(root, 'cli/main.ts')], format: 'cjs', supported: { 'dynamic-import': false }, define: { ...common.define, 'import.meta.url': '"file:///imgkit.cjs"', 'import.meta.dirname': '"/"' }, plugins: [awaitLater, parts(workers)] });
  const script = join(out, 'imgkit.cjs');
  const config = join(out, 'sea.json');
  const blob = join(out, 'sea.blob');
  const file = join(out, process.platform === 'win32' ? 'imgkit.exe' : 'imgkit');
  await writeFile(script, outputFiles[0].text.replace(/^#!.*\n/, ''));
  await writeFile(config, JSON.stringify({ main: script, output: blob, disableExperimentalSEAWarning: true, useCodeCache: true }));
  execFileSync(process.execPath, ['--experimental-sea-config', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  await copyFile(process.execPath, file);
  await chmod(file, 0o755);
  const { inject } = await import('postject');
  // It is told of notes in Node's binary that it does not know.
  const { log, warn } = console;
  Object.assign(console, { log() {}, warn() {} });
  await inject(file, 'NODE_SEA_BLOB', await readFile(blob), { sentinelFuse: 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2', ...(process.platform === 'darwin' && { machoSegmentName: 'NODE_SEA' }) });
  Object.assign(console, { log, warn });
  for (const path of [script, config, blob]) await rm(path);
  return [file];
}

/** Size, and the median start-up of some runs. */
async function report(file) {
  const [command, ...args] = file.endsWith('.mjs') ? [process.execPath, file, '--version'] : [file, '--version'];
  const times = Array.from({ length: 7 }, () => {
    const started = performance.now();
    execFileSync(command, args, { cwd: '/', stdio: ['ignore', 'ignore', 'inherit'] });
    return performance.now() - started;
  }).sort((a, b) => a - b);
  const { size } = await import('node:fs').then(({ statSync }) => statSync(file));
  console.log(`${file.slice(root.length + 1)}  ${(size / 1e6).toFixed(1)} MB  starts in ${times[3].toFixed(0)} ms`);
}

await mkdir(out, { recursive: true });
for (const file of process.argv.includes('--binary') ? await binary() : await single()) await report(file);
