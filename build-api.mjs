// Writes docs/api.md: every export of the package with its doc comment and declaration, from what the build declares.
//
//   node build.mjs && node build-api.mjs [--print]
//
// A test of the default suite compares what is committed with what this prints: run it after every change of an export.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = import.meta.dirname;
const facade = join(root, 'dist/src/index.d.ts');

/** Calls by what one wants to do; a call that is not here would be missing in the page, so that is an error. */
const CALLS = {
  'Move images': ['save', 'load', 'copy', 'outputLocation', 'login', 'logout'],
  'Ship files': ['send', 'fetch', 'watch', 'listFolder'],
  'Look into images': ['list', 'inspect', 'readRaw', 'history', 'files', 'cat', 'diff', 'exportImage', 'extract', 'report'],
  'Make images': ['importImage', 'append', 'edit', 'commit', 'rebase', 'squash', 'flatten'],
  'Names in the store': ['tag', 'tagSemver', 'remove', 'gc'],
  'Trust and privacy': ['verify', 'verifySignature', 'digest', 'keygen', 'sign', 'signImage', 'signImageGpg', 'trustAdd', 'trustList', 'trustCheck', 'trustRemove', 'trustUpdate', 'encrypt', 'decrypt', 'encryptLayers', 'decryptLayers'],
  Errors: ['isImgkitError'],
};

/** The declaration of `name` in `file`, with its doc comment, wherever it is exported from. */
function declarationOf(name, file) {
  const text = readFileSync(file, 'utf8');
  const found = new RegExp(`^export (?:declare )?(?:async )?(?:abstract )?(function|interface|type|class|const) ${name}\\b`, 'm').exec(text);
  if (found === null) {
    for (const { names, from, all } of reexports(text, file)) if (all || names.includes(name)) {
      const there = declarationOf(name, from);
      if (there !== undefined) return there;
    }
    return undefined;
  }
  const [, kind] = found;
  const before = text.slice(0, found.index).trimEnd();
  const start = before.endsWith('*/') ? before.lastIndexOf('/**') : -1;
  // A file's first comment may be about the file: only the one right above counts.
  const comment = start >= 0 && !/^(?:export|import)/m.test(before.slice(start)) ? commentText(before.slice(start)) : '';
  const code = text.slice(found.index, endOf(text, found.index, kind)).replace(/^export (?:declare )?/, '').replaceAll('    ', '  ');
  return { name, kind, comment, code };
}

/** Where a declaration ends: at the brace that closes its body, or at its semicolon. */
function endOf(text, start, kind) {
  const closes = kind === 'interface' || kind === 'class' ? '}' : ';';
  let depth = 0;
  for (let i = start; i < text.length; i += 1) {
    if (text.startsWith('/*', i)) i = text.indexOf('*/', i) + 2;
    const at = text[i];
    if (at === "'" || at === '"' || at === '`') i = text.indexOf(at, i + 1);
    else if ('{([<'.includes(at)) depth += 1;
    else if ('})]'.includes(at) || (at === '>' && text[i - 1] !== '=')) depth -= 1;
    if (depth === 0 && text[i] === closes) return i + 1;
  }
  throw new Error(`${text.slice(start, start + 60)}: has no end`);
}

function commentText(comment) {
  return comment.replace(/^\/\*\*/, '').replace(/\s*\*\/$/, '').replaceAll(/\n\s*\* ?/g, '\n').replaceAll(/\{@link ([\w.]+)\}/g, '`$1`').trim();
}

/** Lines like `export { a, type B } from './x.js'` and `export type * from './x.js'`. */
function reexports(text, file) {
  return [...text.matchAll(/^export (?:type )?(\*|\{[^}]*\}) from '(.*)\.js';$/gm)].map(([, what, from]) => ({
    all: what === '*',
    names: what === '*' ? [] : what.slice(1, -1).split(',').map((each) => each.trim().replace(/^type /, '')),
    from: join(dirname(file), `${from}.d.ts`),
  }));
}

function exportedNames() {
  return reexports(readFileSync(facade, 'utf8'), facade).flatMap(({ all, names, from }) => (all ? [...readFileSync(from, 'utf8').matchAll(/^export (?:declare )?\w+ (\w+)/gm)].map(([, name]) => name).filter((name) => name !== 'type') : names));
}

function page() {
  const declared = [...new Set(exportedNames())].map((name) => declarationOf(name, facade) ?? fail(`${name} is exported, but not declared`));
  const byName = new Map(declared.map((each) => [each.name, each]));
  const listed = Object.values(CALLS).flat();
  for (const { name, kind } of declared) if (kind === 'function' && !listed.includes(name)) fail(`build-api.mjs: say in CALLS where ${name} belongs`);
  const section = ({ name, kind, comment, code }) => `### \`${name}${kind === 'function' ? '()' : ''}\`\n\n${comment === '' ? '' : `${comment}\n\n`}\`\`\`ts\n${code}\n\`\`\`\n`;
  const calls = Object.entries(CALLS).map(([title, names]) => `## ${title}\n\n${names.flatMap((name) => byName.get(name) ?? []).map(section).join('\n')}`);
  const types = declared.filter(({ kind }) => kind !== 'function').toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return `# API

Everything that the package exports. This page is made by \`build-api.mjs\` from the doc comments; the samples show each call at work. Every call takes an \`AbortSignal\` as \`signal\`, and throws an [\`ImgkitError\`](errors.md) with a \`code\` of a closed union.

${calls.join('\n')}
## Types

${types.map(section).join('\n')}`;
}

function fail(message) {
  throw new Error(message);
}

const text = page();
if (process.argv.includes('--print')) process.stdout.write(text);
else writeFileSync(join(root, 'docs/api.md'), text);
