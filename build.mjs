// Builds everything into dist/:
//
//   dist/src, dist/formats    what tsc makes of them: the library
//   dist/test, dist/samples   likewise
//   dist/cli/**               likewise, for the tests of the renderers
//   dist/cli/bundle/main.js   the command, bundled, beside its chunks and workers
//   dist/cli/main.js          a door to it, for those who know it by this name
//
// Why a bundle: `imgkit list` may take 40 ms more than `node -e 0`. Reading a
// hundred small modules costs more than the work. So one chunk per command,
// loaded on demand; what a command does not reach is not read.
//
// What makes it quick:
// - The chunks are CommonJS (a package.json beside them says so): starting Node's
//   ESM loader takes as long as half of the whole command. esbuild splits only
//   ESM, so it splits first and each chunk is converted after it.
// - A chunk or a module of Node is loaded when something in it is first used.
// - Project modules count as free of side effects, so a command takes only what
//   it uses out of the facade. They must stay so: no work at module level.
// - yargs is minified, into a file of its own with less in it (build-yargs.mjs): V8 reads every character of it.
// - The version is inlined instead of read from package.json.
//
// Workers: the library names their scripts by `new URL('../some/NAME.js', import.meta.url)`,
// which resolves against the chunk that the code ended up in. So every such NAME
// is found in the sources and bundled as an entry point of its own beside the
// chunks, and the chunks say `./NAME.js`; the build fails if one is not there.
// Write the URL in exactly this form.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { build, transform } from 'esbuild';
import { bundleYargs, yargsApart } from './build-yargs.mjs';

const root = import.meta.dirname;
const dist = join(root, 'dist');
const bundleFolder = join(dist, 'cli/bundle');
/** Packages that a few commands need: left as they are, and loaded by those. */
const LOADED_WHEN_USED = [
  '@cloudpss/zstd', '@noble/*', 'basic-ftp', 'jose', 'node-forge', 'openpgp',
  'ssh2', 'ssh2-sftp-client', 'undici', 'xz-decompress',
];
const workerUrl = /new URL\(\s*["'](\.{1,2}\/[\w./-]+)\.js["'],\s*import\.meta\.url\s*\)/g;

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

/** Bundles the command and the workers; resolves with the files, not yet written. */
async function bundle() {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const { outputFiles } = await build({
    absWorkingDir: root,
    // zstddec holds 100 kB of WebAssembly: an entry point, so that it gets a file of its own.
    entryPoints: { main: 'cli/main.ts', zstddec: 'zstddec/stream', ...(await workers()) },
    outdir: bundleFolder,
    write: false,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'bundle',
    external: LOADED_WHEN_USED,
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    define: { IMGKIT_VERSION: JSON.stringify(version) },
    legalComments: 'none',
    logLevel: 'warning',
    minifySyntax: true,
    plugins: [projectModules, yargsApart],
  });
  return [...(await Promise.all(outputFiles.map(toCommonJs))), ...(await bundleYargs(bundleFolder)), { path: join(bundleFolder, 'package.json'), text: '{ "type": "commonjs" }\n' }];
}

/** A chunk as CommonJS. Imports of other chunks become `require`; lazy ones of packages stay `import()`. */
async function toCommonJs({ path, text }) {
  const usesUrl = text.includes('import.meta.url');
  const { code } = await transform(
    text.replaceAll(/\bimport\(("\.\/[\w.-]+")\)/g, 'Promise.resolve().then(() => require($1))'),
    {
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      sourcefile: relative(root, path),
      logLevel: 'warning',
      ...(usesUrl ? { define: { 'import.meta.url': '__url' }, banner: "const __url = require('node:url').pathToFileURL(__filename).href;" } : {}),
    },
  );
  return { path, text: requireLate(code) };
}

/**
 * Requires at first use instead of at the start. Right for Node's modules and for
 * ours, which have no side effects: a top-level use still loads at once.
 */
function requireLate(code) {
  const names = [];
  const declared = code.replaceAll(/^var (import_\w+) = ((?:__toESM\()?require\("[^"]+"\).*);$/gm, (_, name, load) => {
    names.push(name);
    return `var ${name}_; const ${name} = () => (${name}_ ??= ${load});`;
  });
  return names.length === 0 ? declared : declared.replaceAll(new RegExp(`\\b(${names.join('|')})\\.`, 'g'), '($1()).');
}

/** The modules whose URL some source takes: entry points, by file name. */
async function workers() {
  const entries = {};
  for (const folder of ['src', 'formats']) {
    for (const entry of await readdir(join(root, folder), { recursive: true })) {
      if (!entry.endsWith('.ts')) continue;
      const file = join(root, folder, entry);
      for (const [, name] of (await readFile(file, 'utf8')).matchAll(workerUrl)) {
        const source = join(dirname(file), `${name}.ts`);
        const key = basename(name);
        if (entries[key] !== undefined && entries[key] !== source) throw new Error(`two workers are named ${key}: ${entries[key]}, ${source}`);
        entries[key] = source;
      }
    }
  }
  return entries;
}

/** Writes the bundle: `main.js` is a short door to the chunks, all of which lie in one folder. */
async function write(outputs) {
  const names = new Set(outputs.map(({ path }) => relative(bundleFolder, path)));
  for (const { path, text } of outputs) {
    for (const [, name] of text.matchAll(/new URL\(\s*["'](\.[\w./-]+)\.js["'],\s*__url\s*\)/g)) {
      if (!names.has(`${basename(name)}.js`)) throw new Error(`${relative(root, path)} starts ${name}.js, which is not in the bundle`);
    }
  }
  await mkdir(bundleFolder, { recursive: true });
  await Promise.all(outputs.map(({ path, text }) => writeFile(path, text)));
  await chmod(join(bundleFolder, 'main.js'), 0o755);
  const main = join(dist, 'cli/main.js');
  await writeFile(main, "#!/usr/bin/env node\nimport './bundle/main.js';\n");
  await chmod(main, 0o755);
  for (const old of await readdir(bundleFolder)) if (!names.has(old)) await rm(join(bundleFolder, old), { recursive: true });
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

/** @type {import('esbuild').Plugin} */
const projectModules = {
  name: 'project-modules',
  setup(builder) {
    builder.onResolve({ filter: /^\.{1,2}\// }, ({ importer, path }) => {
      if (importer.includes('node_modules') || !importer.endsWith('.ts')) return undefined;
      return { path: resolve(dirname(importer), path.replace(/\.js$/, '.ts')), sideEffects: false };
    });
    builder.onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
      contents: pastTheFacade((await readFile(path, 'utf8')).replaceAll(workerUrl, (_, name) => `new URL('./${basename(name)}.js', import.meta.url)`), await facade()),
      loader: 'ts',
    }));
    builder.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, external: true, sideEffects: false }));
  },
};

/** Where the facade has each of its values from. */
async function facade() {
  const modules = new Map();
  for (const [, names, module] of (await readFile(join(root, 'src/index.ts'), 'utf8')).matchAll(/^export \{([^}]*)\} from '\.\/([^']+)';$/gm)) {
    for (const name of names.split(',').map((each) => each.trim())) if (!name.startsWith('type ')) modules.set(name, module);
  }
  return modules;
}

/**
 * In the bundle the command takes each value from where the facade has it: through the facade every chunk would reach the
 * whole library, and `list` would read what only `extract` needs.
 */
function pastTheFacade(source, modules) {
  return source.replaceAll(/^import \{([^}]*)\} from '((?:\.\.\/)+src\/)index\.js';$/gm, (statement, names, folder) => {
    const values = names.split(',').map((name) => name.trim()).filter((name) => name !== '' && !name.startsWith('type '));
    return values.map((name) => {
      const module = modules.get(name.split(' as ')[0]);
      if (module === undefined) throw new Error(`the facade has no ${name} (${statement})`);
      return `import { ${name} } from '${folder}${module}';`;
    }).join('\n');
  });
}

const started = performance.now();
const [compiled, outputs] = await Promise.all([compile(), bundle()]);
await removeStale(compiled);
await write(outputs);
if (compiled.code !== 0) process.exitCode = compiled.code;
console.log(`built in ${((performance.now() - started) / 1000).toFixed(1)} s`);
