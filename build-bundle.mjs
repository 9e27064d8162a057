// The command as CommonJS chunks that all lie in one folder: `main.js`, what it loads on demand, and the workers.
//
// Why a bundle: `imgkit list` may take 40 ms more than `node -e 0`. Reading a
// hundred small modules costs more than the work. So one chunk per command,
// loaded on demand; what a command does not reach is not read.
//
// Left to itself esbuild makes a chunk of whatever the same commands share: some
// three hundred, of which `list` read forty. So everything that is loaded late
// takes all that `list` and `inspect` need (CORE), and that is one chunk.
//
// What makes it quick:
// - The chunks are CommonJS (a package.json beside them says so): starting Node's
//   ESM loader takes as long as half of the whole command. esbuild splits only
//   ESM, so it splits first and each chunk is converted after it.
// - A chunk or a module of Node is loaded when something in it is first used.
// - Project modules count as free of side effects, so a command takes only what
//   it uses out of the facade. They must stay so: no work at module level.
// - yargs is a file of its own, with less in it, that only mistakes need (build-yargs.mjs).
// - The version is inlined instead of read from package.json.
// - There are no spaces and no unused helpers in it; names stay, for stack traces.
//
// V8's code cache was measured and is not used: docs/performance.md says why.
//
// Workers: the library names their scripts by `new URL('../some/NAME.js', import.meta.url)`,
// which resolves against the chunk that the code ended up in. So every such NAME
// is found in the sources and bundled as an entry point of its own beside the
// chunks, and the chunks say `./NAME.js`; the build fails if one is not there.
// Write the URL in exactly this form.
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { build, transform } from 'esbuild';
import { deflateInside } from './build-deflate.mjs';
import { packagesInside } from './build-packages-inside.mjs';
import { bundleYargs, yargsApart } from './build-yargs.mjs';

const root = import.meta.dirname;
const workerUrl = /new URL\(\s*["'](\.{1,2}\/[\w./-]+)\.js["'],\s*import\.meta\.url\s*\)/g;
/** Optional, and under the LGPL: never inside. */
const OUTSIDE = ['openpgp'];
/** Packages that a few commands need: left as they are, and loaded by those. */
const LOADED_WHEN_USED = [
  ...OUTSIDE, '@cloudpss/zstd', '@noble/*', 'basic-ftp', 'jose', 'node-forge',
  'ssh2', 'ssh2-sftp-client', 'undici', 'xz-decompress',
];
/**
 * One chunk has what `list` and `inspect` need, and every command takes all of it; the table of commands, too, so that it is in one
 * chunk with all else that `main.js` shares with every command.
 */
const CORE = ['cli/commands/list.ts', 'cli/commands/inspect.ts', 'cli/commands.ts'].map((name) => join(root, name));

/**
 * Bundles the command. With `packages: 'inside'` every package that may be is bundled too, and what says where a worker
 * lies says `__worker("NAME.js")` instead: for the one file, which has no folder (build-one-file.mjs).
 *
 * @param {{ packages: 'beside' | 'inside' }} options
 * @returns {Promise<{ files: { name: string, text: string }[], inputs: string[] }>} the chunks, and the files they are made of
 */
export async function bundle({ packages }) {
  const inside = packages === 'inside';
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const options = {
    absWorkingDir: root,
    outdir: join(root, 'dist/cli/bundle'),
    write: false,
    metafile: true,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'bundle',
    external: inside ? OUTSIDE : LOADED_WHEN_USED,
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    define: { IMGKIT_VERSION: JSON.stringify(version) },
    legalComments: 'none',
    logLevel: 'warning',
    minifySyntax: true,
  };
  const plugins = (takers) => [...(inside ? [packagesInside] : []), deflateInside, projectModules(CORE, takers), yargsApart];
  const builds = await Promise.all([
    // zstddec holds 100 kB of WebAssembly: an entry point, so that it gets a file of its own.
    build({ ...options, entryPoints: { main: 'cli/main.ts', zstddec: 'zstddec/stream' }, plugins: plugins(await loadedLate(['cli', 'src', 'formats'])) }),
    // Apart: a thread shares nothing with the command, and what both need would be cut out of CORE.
    build({ ...options, entryPoints: await workers(), plugins: plugins(new Set()) }),
  ]);
  // A chunk that came out of both is the same: its name has the hash of what is in it.
  const outputFiles = new Map(builds.flatMap(({ outputFiles: made }) => made.map((file) => [file.path, file])));
  const yargs = await bundleYargs({ names: inside ? 'kept' : 'short' });
  const chunks = withoutDetours(await Promise.all([...outputFiles.values()].map((file) => toCommonJs(file, inside))));
  const files = [...(await Promise.all(chunks.map(async ({ name, text }) => ({ name, text: await compact(text) })))), yargs.file];
  const names = new Set(files.map(({ name }) => name));
  for (const { name, text } of files) {
    // A line may end inside a name.
    for (const [, worker] of text.replaceAll('\\\n', '').matchAll(inside ? /__worker\("([^"]+)"\)/g : /new URL\(\s*["']\.\/([\w.-]+\.js)["'],\s*__url\s*\)/g)) {
      if (!names.has(worker)) throw new Error(`${name} starts ${worker}, which is not in the bundle`);
    }
  }
  return { files, inputs: [...builds.flatMap(({ metafile }) => Object.keys(metafile.inputs)), ...yargs.inputs] };
}

/** A chunk as CommonJS. Imports of other chunks become `require`, and those of undici's parts; other lazy ones of packages stay `import()`. */
async function toCommonJs({ path, text }, inside) {
  const name = basename(path);
  const usesUrl = text.includes('import.meta.url');
  const { code } = await transform(
    text.replaceAll(/\bimport\(("\.\/[\w.-]+")\)/g, 'Promise.resolve().then(() => require($1))')
      .replaceAll(/\bimport\(("undici\/[\w./-]+")\)/g, 'Promise.resolve().then(() => ({ default: require($1) }))'),
    {
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      sourcefile: relative(root, path),
      // What is odd in a package is not ours to change.
      logLevel: inside ? 'error' : 'warning',
      // What no module loader knows cannot say import().
      ...(inside ? { supported: { 'dynamic-import': false } } : {}),
      ...(usesUrl ? { define: { 'import.meta.url': '__url' }, banner: "const __url = require('node:url').pathToFileURL(__filename).href;" } : {}),
    },
  );
  const late = exportPlainly(requireLate(code));
  return { name, text: inside ? named(late).replaceAll(/new URL\(\s*"\.\/([\w.-]+\.js)",\s*__url\s*\)/g, '__worker("$1")') : late };
}

/**
 * Exports as an object of values, which nothing changes any more when the chunk has run. esbuild's getters, one that looks up the
 * name behind one that returns the value, cost more than what small functions do: reading a million headers took a third longer.
 */
function exportPlainly(code) {
  const found = /^var (\w+) = \{\};\n__export\(\1, \{\n([\s\S]*?)\n\}\);\nmodule\.exports = __toCommonJS\(\1\);\n/m.exec(code);
  if (found === null) return code;
  const [statements, , pairs] = found;
  return `${code.replace(statements, '')}module.exports = { __esModule: true,\n${pairs.replaceAll(/: \(\) => /g, ': ')}\n};\n`;
}

/** A chunk that only hands on what one other exports, as that of a command in CORE, is a file more to find and to read: its users take the other. */
function withoutDetours(chunks) {
  const instead = new Map();
  for (const { name, text } of chunks) {
    const own = text.replace(/^[\s\S]*^var __toCommonJS = .*\n/m, '').replaceAll(/^(?:\/\/.*|0 && \(module\.exports = \{[\s\S]*?\n\}\);|var import_\w+_; const .*)\n/gm, '');
    const [, from, exported = ''] = /^module\.exports = \{ __esModule: true,\n(?= +\w+: \((import_\w+)\(\)\))((?: +\w+: \(\1\(\)\)\.\w+,?\n)+)\};\s*$/.exec(own) ?? [];
    const [, target] = (from !== undefined && new RegExp(`const ${from} = .*require\\("(\\./[\\w-]+\\.js)"\\)`).exec(text)) || [];
    const pairs = [...exported.matchAll(/^ +(\w+): .*\.(\w+),?$/gm)];
    if (target !== undefined && pairs.every(([, given, taken]) => given === taken)) instead.set(`"./${name}"`, `"${target}"`);
  }
  const straight = chunks.map(({ name, text }) => ({ name, text: text.replaceAll(/"\.\/[\w-]+\.js"/g, (path) => instead.get(path) ?? path) }));
  return straight.filter(({ name }) => !instead.has(`"./${name}"`));
}

/** What a chunk exports that is a CommonJS package: esbuild leaves it at the default, Node gives the names to `import()` too. */
function named(code) {
  const name = /^var (\w+_default) = .*\brequire_\w+\)?\(\);$/m.exec(code)?.[1];
  return name === undefined ? code : `${code}\nmodule.exports = Object.setPrototypeOf({ default: ${name} }, ${name});\n`;
}

/** Without spaces and what nothing uses, in lines that can be read and compared; names stay. */
async function compact(code) {
  return (await transform(code, { minifyWhitespace: true, treeShaking: true, lineLimit: 160, legalComments: 'none', platform: 'node', target: 'node20' })).code;
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
export async function workers() {
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

/** The modules that some source in `folders` loads late: entry points, too. */
export async function loadedLate(folders) {
  const found = new Set();
  for (const folder of folders) {
    for (const entry of await readdir(join(root, folder), { recursive: true })) {
      if (!entry.endsWith('.ts')) continue;
      const file = join(root, folder, entry);
      for (const [, module] of (await readFile(file, 'utf8')).matchAll(/\bimport\('(\.[^']+)\.js'\)/g)) found.add(resolve(dirname(file), `${module}.ts`));
    }
  }
  return found;
}

/** @type {(core: readonly string[], takers: ReadonlySet<string>) => import('esbuild').Plugin} the modules in `takers` import `core` besides */
export const projectModules = (core, takers) => ({
  name: 'project-modules',
  setup(builder) {
    builder.onResolve({ filter: /^\.{1,2}\// }, ({ importer, path }) => {
      if (importer.includes('node_modules') || !importer.endsWith('.ts')) return undefined;
      const file = resolve(dirname(importer), path.replace(/\.js$/, '.ts'));
      return { path: file, sideEffects: core.includes(file) };
    });
    builder.onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
      contents: [
        pastTheFacade((await readFile(path, 'utf8')).replaceAll(workerUrl, (_, name) => `new URL('./${basename(name)}.js', import.meta.url)`), await facade()),
        ...(takers.has(path) ? core : []).map((file) => `import ${JSON.stringify(file)};`),
      ].join('\n'),
      loader: 'ts',
    }));
    builder.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, external: true, sideEffects: false }));
  },
});

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
