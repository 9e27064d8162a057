// Builds everything into dist/:
//
//   dist/src, dist/formats    what tsc makes of them: types, and the modules that tests and samples use
//   dist/test, dist/samples   likewise
//   dist/lib/index.js         the library, bundled, beside its parts and workers (build-library.mjs)
//   dist/cli/**               likewise, for the tests of the renderers
//   dist/cli/bundle/main.js   the command, bundled, beside its chunks and workers (build-bundle.mjs)
//   dist/cli/main.js          a door to it, for those who know it by this name
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { bundle } from './build-bundle.mjs';
import { compileDeflate } from './build-deflate.mjs';
import { bundleLibrary } from './build-library.mjs';

const root = import.meta.dirname;
const dist = join(root, 'dist');
const bundleFolder = join(dist, 'cli/bundle');
const libraryFolder = join(dist, 'lib');

/** Runs tsc; resolves with its exit code and the files it wrote. */
async function compile() {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  const child = spawn(process.execPath, [tsc, '-p', root, '--listEmittedFiles'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  const code = await new Promise((done, fail) => child.on('error', fail).on('close', done));
  const files = new Set();
  for (const line of output.split('\n')) {
    if (line.startsWith('TSFILE: ')) files.add(resolve(line.slice('TSFILE: '.length).trim()));
    else if (line !== '') console.error(line);
  }
  return { code, files };
}

/** Beside what tsc wrote. */
async function writeDeflate({ files }) {
  const file = join(dist, 'src/deflate/wasm-base64.js');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, await compileDeflate());
  files.add(file);
}

/** Writes a bundle, all of whose files lie in one folder, and removes what an earlier build left there. */
async function write(folder, files) {
  const names = new Set(files.map(({ name }) => name));
  await mkdir(folder, { recursive: true });
  await Promise.all(files.map(({ name, text }) => writeFile(join(folder, name), text)));
  for (const old of await readdir(folder)) if (!names.has(old)) await rm(join(folder, old), { recursive: true });
}

/** A short door to the command, which can be run. */
async function openDoor() {
  await chmod(join(bundleFolder, 'main.js'), 0o755);
  const main = join(dist, 'cli/main.js');
  await writeFile(main, "#!/usr/bin/env node\nimport './bundle/main.js';\n");
  await chmod(main, 0o755);
}

/** Removes what an earlier build left: a test whose source is gone must not run. */
async function removeStale({ code, files }) {
  if (code !== 0 || files.size === 0) return;
  for (const folder of ['src', 'formats', 'cli', 'samples', 'test']) {
    for (const entry of await readdir(join(dist, folder), { recursive: true }).catch(() => [])) {
      const file = join(dist, folder, entry);
      if (/\.(?:js|d\.ts)$/.test(entry) && !files.has(file) && dirname(file) !== bundleFolder) await rm(file);
    }
  }
}

const started = performance.now();
const [compiled, { files }, library] = await Promise.all([compile(), bundle({ packages: 'beside' }), bundleLibrary()]);
await writeDeflate(compiled);
await removeStale(compiled);
await write(libraryFolder, library);
await write(bundleFolder, [...files, { name: 'package.json', text: '{ "type": "commonjs" }\n' }]);
await openDoor();
if (compiled.code !== 0) process.exitCode = compiled.code;
console.log(`built in ${((performance.now() - started) / 1000).toFixed(1)} s`);
