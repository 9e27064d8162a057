// The library as a program loads it: dist/lib/index.js, its workers, and parts that are loaded when they are needed.
//
// Why a bundle: importing the facade as tsc writes it reads 587 modules, which takes 0.3 s; bundled it reads two, in 0.04.
// Packages stay beside it. The types are those of tsc (dist/src/**/*.d.ts).
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { loadedLate, projectModules, workers } from './build-bundle.mjs';
import { deflateInside } from './build-deflate.mjs';

const root = import.meta.dirname;
/** All of it is loaded at once, so it is one chunk: what is loaded late takes all of it, too. */
const FACADE = join(root, 'src/index.ts');

/** @returns {Promise<{ name: string, text: string }[]>} ECMAScript modules, all for one folder */
export async function bundleLibrary() {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const options = {
    absWorkingDir: root,
    outdir: join(root, 'dist/lib'),
    write: false,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    define: { IMGKIT_VERSION: JSON.stringify(version) },
    legalComments: 'none',
    logLevel: 'warning',
  };
  const builds = await Promise.all([
    build({ ...options, entryPoints: { index: FACADE }, plugins: [deflateInside, projectModules([FACADE], await loadedLate(['src', 'formats']))] }),
    // Apart, as those of the command are (build-bundle.mjs).
    build({ ...options, entryPoints: await workers(), plugins: [deflateInside, projectModules([], new Set())] }),
  ]);
  const made = new Map(builds.flatMap(({ outputFiles }) => outputFiles.map(({ path, text }) => [basename(path), text])));
  const files = [...made].map(([name, text]) => ({ name, text }));
  const names = new Set(files.map(({ name }) => name));
  for (const { name, text } of files) {
    for (const [, worker] of text.matchAll(/new URL\(\s*["']\.\/([\w.-]+\.js)["'],\s*import\.meta\.url\s*\)/g)) {
      if (!names.has(worker)) throw new Error(`${name} starts ${worker}, which is not in the library`);
    }
  }
  return files;
}
