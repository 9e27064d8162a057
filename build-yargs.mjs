// yargs as the bundled command has it (build-bundle.mjs): one minified file, with a small platform file instead of its own, which
// loads `assert`, locales and terminal layout before it is known whether help will be asked for. `new Intl.Segmenter()`, in
// string-width, alone costs a third of the start of Node. Our help is ASCII, so a count of code points lays it out too.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

/** @type {import('esbuild').Plugin} In the bundle, `yargs` is the file that {@link bundleYargs} makes. */
export const yargsApart = {
  name: 'yargs-apart',
  setup(builder) {
    builder.onResolve({ filter: /^yargs$/ }, () => ({ path: './yargs.js', external: true }));
  },
};

/**
 * yargs with {@link yargsPlatform}: minified, and without what only other programs need. With the paths of the files it is made of.
 *
 * @param {{ names: 'short' | 'kept' }} options
 */
export async function bundleYargs({ names }) {
  const folder = dirname(createRequire(import.meta.url).resolve('yargs/package.json'));
  const plain = {
    'string-width': 'export default (text) => [...text].length;',
    'strip-ansi': 'export default (text) => text;',
    'wrap-ansi': plainWrap,
  };
  const { outputFiles, metafile } = await build({
    absWorkingDir: import.meta.dirname,
    entryPoints: { yargs: join(folder, 'index.mjs') },
    outdir: import.meta.dirname,
    write: false,
    metafile: true,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    minifySyntax: true,
    minifyWhitespace: true,
    ...(names === 'short' ? { minifyIdentifiers: true } : { lineLimit: 160 }),
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [
      {
        name: 'yargs-platform',
        setup(builder) {
          builder.onResolve({ filter: /platform-shims\/esm\.mjs$/ }, () => ({ path: 'platform', namespace: 'plain' }));
          builder.onResolve({ filter: /^(?:string-width|strip-ansi|wrap-ansi)$/ }, ({ path }) => ({ path, namespace: 'plain' }));
          builder.onLoad({ filter: /.*/, namespace: 'plain' }, ({ path }) => ({ contents: plain[path] ?? yargsPlatform, resolveDir: folder }));
        },
      },
    ],
  });
  return { file: { name: 'yargs.js', text: outputFiles[0].text }, inputs: Object.keys(metafile.inputs) };
}

/** Breaks lines at spaces; a longer word is broken where it must. */
const plainWrap = `
export default (text, width) => text.split('\\n').flatMap((paragraph) => {
  const lines = [];
  let line;
  for (let word of paragraph.split(' ')) {
    if (line !== undefined && line.length + 1 + word.length <= width) { line += ' ' + word; continue; }
    if (line !== undefined) lines.push(line.trimEnd());
    for (; word.length > width; word = word.slice(width)) lines.push(word.slice(0, width));
    line = word;
  }
  return [...lines, line];
}).join('\\n');`;

/** What yargs asks of the platform (its lib/platform-shims/esm.mjs), as far as we use it: no config files, no command folders, English. */
const yargsPlatform = `
import cliui from 'cliui';
import Parser from 'yargs-parser/browser';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
const fill = (text, values) => { let i = 0; return text.replace(/%s/g, () => String(values[i++])); };
const unused = (name) => () => { throw new Error(name + ' is not part of this build of yargs'); };
const same = (equal) => (a, b, message) => { if ((a === b) !== equal) throw new Error(message); };
export default {
  assert: { strictEqual: same(true), notStrictEqual: same(false) },
  cliui,
  findUp: () => undefined,
  getEnv: (name) => process.env[name],
  inspect: (value) => JSON.stringify(value),
  getProcessArgvBin: () => 'imgkit',
  getCallerFile: unused('getCallerFile'),
  mainFilename: 'imgkit',
  Parser,
  path: { basename, dirname, extname, join, relative, resolve },
  process: {
    argv: () => process.argv,
    cwd: process.cwd,
    emitWarning: (warning, type) => process.emitWarning(warning, type),
    execPath: () => process.execPath,
    exit: (code) => process.exit(code),
    nextTick: process.nextTick,
    stdColumns: 80,
  },
  readFileSync: unused('readFileSync'),
  readdirSync: unused('readdirSync'),
  require: unused('require'),
  stringWidth: (text) => [...text].length,
  y18n: {
    __: (text, ...values) => fill(text, values),
    __n: (one, many, count, ...values) => fill(count === 1 ? one : many, values),
    getLocale: () => 'en',
    setLocale() {},
    updateLocale() {},
  },
};`;
