import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import test from 'ava';
import { sameBytes } from '../content/bytes.js';
import { keygen, report, sign, type ReportOptions } from '../../src/index.js';
import { hybridParts, named } from '../helpers/archive-parts.js';
import { image, layer, pack } from '../helpers/image-builder.js';
import { layerEntries } from '../helpers/layer-entries.js';
import { makeScratch } from '../helpers/scratch.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

const HOSTILE = '</script><script>window.pwned=1</script><img src=x onerror=pwned()>"\'';
const base = layer(layerEntries('etc/', 'etc/config:one', 'usr/', `usr/library:${'x'.repeat(5000)}`, 'usr/gone:12345'), { gzip: true });
const top = layer(layerEntries('etc/config:second', 'usr/.wh.gone', `srv/${HOSTILE.replaceAll('/', '')}:${'y'.repeat(900)}`, 'srv/\u202egpj.exe:x'), { gzip: true });
const built = image('app', {
  layers: [base, top],
  config: (config) => ({
    ...config,
    config: { Cmd: ['/bin/sh', HOSTILE], Env: [`PATH=${HOSTILE}`], Labels: { [HOSTILE]: HOSTILE } },
    history: [{ created_by: `/bin/sh -c echo ${HOSTILE}` }, { created_by: `RUN ${HOSTILE}`, comment: HOSTILE }],
  }),
});
const older = image('app', { layers: [base] });
const app = scratch.path('app.tar');
const old = scratch.path('old.tar');
test.before(async () => {
  await scratch.write('app.tar', pack(hybridParts([named(built, 'app:2')])));
  await scratch.write('old.tar', pack(hybridParts([named(older, 'app:1')])));
});

async function pageOf(options: Partial<ReportOptions> = {}): Promise<string> {
  const stdout = new PassThrough();
  const [text] = await Promise.all([buffer(stdout), report({ location: app, output: '-', ...options, stdout }).finally(() => stdout.end())]);
  return text.toString();
}

/** The page without what scripts are written as, so that a search finds what a parser would. */
const dataOf = (page: string): Record<string, unknown[]> => JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page)?.[1] ?? '') as Record<string, unknown[]>;

test('the facts are there without a script', async (t) => {
  const page = await pageOf();
  for (const text of ['<h1>app:2</h1>', built.descriptor.digest, 'Verified', 'Signatures not checked', '/usr/library', 'linux/amd64', '2\u00a0layers']) t.true(page.includes(text), text);
  t.regex(page, /Wasted<\/dt><dd><b>8\u00a0B<\/b>/);
  t.false(page.includes('id="changes"'));
});

test('nothing of the image becomes HTML', async (t) => {
  const page = await pageOf({ compare: old });
  // One for data, one for the script; both ours.
  t.is(page.match(/<script/gi)?.length, 2);
  t.is(page.match(/<\/script/gi)?.length, 2);
  t.false(page.includes('<img'));
  t.notRegex(page, /\son\w+=(?![^<]*&gt;)[^<>]*>/);
  t.false(page.includes('\u202e'));
  t.true(page.includes('\\u202egpj.exe'));
  t.true((dataOf(page)['names'] as string[]).includes(HOSTILE.replaceAll('/', '')));
});

test('the policy allows its own style and script by their hashes, and nothing else', async (t) => {
  const page = await pageOf();
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll('&#39;', '\'') ?? '';
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const style = /<style>(.*?)<\/style>/s.exec(page)?.[1] ?? '';
  const script = /<script>(.*?)<\/script>/s.exec(page)?.[1] ?? '';
  t.true(policy.includes(`style-src ${hash(style)};`));
  t.true(policy.includes(`script-src ${hash(script)};`));
  t.true(policy.startsWith('default-src \'none\';'));
  t.notRegex(policy, /unsafe|https?:|\*/);
  t.notRegex(page, /\sstyle="|https?:\/\//);
});

test('the same image gives the same page', async (t) => {
  t.is(await pageOf({ compare: old }), await pageOf({ compare: old }));
});

test('what changed since another image', async (t) => {
  const page = await pageOf({ compare: old });
  const changes = /<section id="changes".*?<\/section>/s.exec(page)?.[0] ?? '';
  t.regex(changes, /Changed<\/span><\/td><td class="wide"><code>\/etc\/config<\/code>/);
  t.regex(changes, /Deleted<\/span><\/td><td class="wide"><code>\/usr\/gone<\/code>/);
  t.true(changes.includes('1\u00a0layer the same, 1 new, 0 gone'));
  t.true(changes.includes('>Cmd<'));
});

test('small files are added up beyond a number', async (t) => {
  const page = await pageOf({ files: 1 });
  t.deepEqual(dataOf(page)['names'], ['', 'usr', 'library']);
  t.deepEqual(dataOf(page)['rest'], [0, 3, 907]);
  t.true(page.includes('The 1 largest files are named one by one; the other 3 are added up per folder.'));
  for (const files of [0, 1.5, 20_001]) await t.throwsAsync(pageOf({ files }), { code: 'usage' });
});

test('a broken layer is told on the page', async (t) => {
  const forged = { ...base, stored: layer(layerEntries('a:two'), { gzip: true }).stored };
  const location = await scratch.write('forged.tar', pack(hybridParts([named(image('app', { layers: [forged] }), 'app:1')])));
  const output = scratch.path('forged.html');
  const { ok, findings } = await report({ location, output });
  t.false(ok);
  t.true(findings.some(({ status, check }) => status === 'failed' && check === 'blob'));
  const page = await readFile(output, 'utf8');
  t.regex(page, /class="verdict failed"[^>]*>Broken</);
  t.true(page.includes('The files could not be read'));
});

test('the image itself is not replaced by the page', async (t) => {
  const before = await readFile(app);
  await t.throwsAsync(report({ location: app, output: app }), { code: 'usage', message: /is the image itself/ });
  await t.throwsAsync(report({ location: old, compare: app, output: app }), { code: 'usage' });
  sameBytes(t, await readFile(app), before);
});

test('interrupted, nothing is left', async (t) => {
  await t.throwsAsync(report({ location: app, output: scratch.path('stopped', 'page.html'), signal: AbortSignal.abort() }));
  await t.throwsAsync(report({ location: app, output: scratch.path('stopped.html'), signal: AbortSignal.abort() }), { code: 'interrupted' });
  t.deepEqual((await scratch.tree()).filter((name) => name.includes('stopped')), []);
});

test('who signed it; without that, no report', async (t) => {
  const keys = scratch.path('keys');
  await keygen({ type: 'minisign', folder: keys, comment: 'release@example.org' });
  const signed = await scratch.write('signed.tar', await readFile(app));
  const output = scratch.path('signed.html');
  const trust = { keys: [`${keys}/minisign.pub`] };
  await t.throwsAsync(report({ location: signed, output, signed: trust }), { code: 'signature-missing' });
  t.deepEqual((await scratch.tree()).filter((name) => name === 'signed.html'), []);
  await sign({ files: [signed], key: `${keys}/minisign.key` });
  t.true((await report({ location: signed, output, signed: trust })).ok);
  t.regex(await readFile(output, 'utf8'), /class="verdict ok" href="#checks">Signed by /);
  await scratch.write('signed.tar', Buffer.concat([await readFile(app), Buffer.alloc(512)]));
  await rm(output);
  const error = await t.throwsAsync(report({ location: signed, output, signed: trust }));
  t.regex((error as { code?: string }).code ?? '', /signature|digest|size/);
  t.false((await scratch.tree()).includes('signed.html'));
});

test('a config of a hundred thousand steps, labels and variables makes a small page that counts them', async (t) => {
  const many = <T>(make: (i: number) => T): T[] => Array.from({ length: 100_000 }, (_, i) => make(i));
  const wide = image('wide', {
    layers: [base],
    config: (config) => ({ ...config, config: { Env: many((i) => `V${i}=1`), Labels: Object.fromEntries(many((i) => [`l${i}`, 'x'])), Cmd: ['y'.repeat(1_000_000)] }, history: [{ created_by: 'one' }, ...many(() => ({ empty_layer: true }))] }),
  });
  const location = await scratch.write('wide.tar', pack(hybridParts([named(wide, 'wide:1')])));
  const page = await pageOf({ location });
  t.true(page.length < 500_000, String(page.length));
  t.is(page.match(/99,500 more are left out/g)?.length, 2);
  t.true(page.includes('500 of 100,001 rows.'));
});
