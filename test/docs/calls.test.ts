import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test from 'ava';
import { parse } from '../../cli/parse.js';
import { isImgkitError } from '../../src/index.js';
import { imgkitCalls } from '../helpers/shell-calls.js';
import { blocksOf, documentNames, readDocument } from './documents.js';

const root = resolve(import.meta.dirname, '../../..');

/** Documents that a user reads beside the commands that run: their calls must at least be calls. */
async function allDocuments(): Promise<readonly string[]> {
  const samples = (await readdir(join(root, 'samples'), { recursive: true })).filter((name) => name.endsWith('.md')).sort().map((name) => `samples/${name}`);
  return [...(await documentNames()), 'SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...samples];
}

/** The sentence of the parser when it takes no such call, else nothing. */
async function refusal(words: readonly string[]): Promise<string | undefined> {
  try {
    const request = await parse(words);
    return request.kind === 'help-needed' ? 'no command' : undefined;
  } catch (error) {
    if (isImgkitError(error, 'usage')) return error.message;
    throw error;
  }
}

/** In a sentence a call may be short of its arguments, and COMMAND, TOPIC and CODE stand for any. */
function spokenCalls(text: string): readonly (readonly string[])[] {
  return [...text.replaceAll(/^```.*?^```$/gms, '').matchAll(/`((?:source )?<?\(?imgkit [a-z][^`]*)`/g)].flatMap(([, call = '']) => imgkitCalls(call)).filter(([verb, what]) => verb !== 'help' || what !== what?.toUpperCase());
}

// ava wants every test declared in one go: all reading comes first.
const documents = await Promise.all((await allDocuments()).map(async (name) => ({ name, text: await readDocument(name) })));

test('the shell text of documents is read as a shell reads it', (t) => {
  t.deepEqual(imgkitCalls(`imgkit save a \\\n  -o 'b c' > x   # imgkit no\nimgkit list - < d; A=1 imgkit gc && echo imgkit-not | ssh host imgkit load -`), [
    ['save', 'a', '-o', 'b c'], ['list', '-'], ['gc'], ['load', '-'],
  ]);
  t.deepEqual(imgkitCalls('imgkit verify two.tar --expect "$(imgkit digest one.tar --quiet)" 2>/dev/null'), [['digest', 'one.tar', '--quiet'], ['verify', 'two.tar', '--expect', 'substituted']]);
  t.deepEqual(imgkitCalls('imgkit list app.tar#1.9'), [['list', 'app.tar#1.9']]);
});

for (const { name, text } of documents) {
  const blocks = blocksOf(text).filter(({ info }) => /^(?:sh|bash|shell|console)\b/.test(info));
  const calls = blocks.flatMap(({ lines }) => imgkitCalls(lines.join('\n')));
  const spoken = spokenCalls(text);
  if (calls.length + spoken.length === 0) continue;
  test(`${name}: every call of imgkit is one that the command takes`, async (t) => {
    for (const words of calls) t.is(await refusal(words), undefined, `imgkit ${words.join(' ')}`);
    for (const words of spoken) t.regex((await refusal(words)) ?? '', /^$|^Too few arguments|must be given(?: \(- is standard output\))?\. See|^Two names are needed/, `imgkit ${words.join(' ')}`);
  });
}

test('every command is called in some document', async (t) => {
  const called = new Set(documents.flatMap(({ text }) => [...blocksOf(text).flatMap(({ lines }) => imgkitCalls(lines.join('\n'))), ...spokenCalls(text)]).map(([verb]) => verb));
  const { commands } = await import('../../cli/commands.js');
  t.deepEqual(Object.keys(commands).filter((verb) => !called.has(verb)), []);
});
