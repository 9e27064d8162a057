import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { sameBytes } from '../content/bytes.js';
import { makeImage } from '../../samples/make-image.js';
import { fetch, keygen, load, save, send, sign, trustAdd, verifySignature, watch, type WatchEvent } from '../../src/index.js';
import { makeScratch, storeEntries } from '../helpers/scratch.js';

/** Signed while it is written or sent, and believed only then when it is fetched, watched for or loaded. */
const scratch = makeScratch();
const archive = scratch.path('in.tar');
const key = scratch.path('keys', 'ssh');
const trust = scratch.path('trust');
const signing = { key };

test.before(async () => {
  await makeImage({ output: archive });
  for (const name of ['ssh', 'other']) await keygen({ type: 'ssh', name, folder: scratch.path('keys') });
  await keygen({ type: 'age', folder: scratch.path('keys') });
  await trustAdd({ folder: trust, files: [`${key}.pub`], identity: 'release@acme.example' });
});
test.after.always(() => scratch.remove());

async function folder(name: string): Promise<string> {
  await mkdir(scratch.path(name), { recursive: true });
  return scratch.path(name);
}
const urlOf = (path: string): string => pathToFileURL(path).href;
const age = async (): Promise<string> => (/age1[a-z0-9]+/.exec(await readFile(scratch.path('keys', 'age.agepub'), 'utf8').catch(() => readFile(scratch.path('keys', 'age.agekey'), 'utf8'))) as RegExpExecArray)[0];

test('save signs what it writes: the same bytes as unsigned, and no old statement is left', async (t) => {
  const at = await folder('save');
  await save({ images: [archive], output: `${at}/plain.tar` });
  for (const suffix of ['.sha256', '.sha256.p7s', '.sha256.minisig']) await writeFile(`${at}/app.tar${suffix}`, 'old');
  await save({ images: [archive], output: `${at}/app.tar`, signing });
  sameBytes(t, await readFile(`${at}/app.tar`), await readFile(`${at}/plain.tar`));
  t.deepEqual(await scratch.tree('save'), ['app.tar', 'app.tar.sha256', 'app.tar.sha256.sig', 'plain.tar']);
  t.is((await verifySignature({ file: `${at}/app.tar`, trust })).signatures[0]?.identity, 'release@acme.example');
  await save({ images: [archive], output: `${at}/app.tar.gz`, signing });
  t.is((await load({ from: `${at}/app.tar.gz`, storeFolder: scratch.path('store-save'), admission: { trust } })).images.length, 1);
});

test('a key that cannot sign costs nothing: no archive, here or at a host', async (t) => {
  const at = await folder('no-key');
  await writeFile(`${at}/app.tar`, 'was here');
  for (const output of [`${at}/app.tar`, urlOf(`${at}/far.tar`)]) await t.throwsAsync(save({ images: [archive], output, signing: { key: scratch.path('keys', 'nobody') } }), { code: 'file-not-found' });
  for (const output of ['-', `oci:${at}/layout`]) await t.throwsAsync(save({ images: [archive], output, signing }), { code: 'usage' });
  t.deepEqual(await scratch.tree('no-key'), ['app.tar']);
  t.is(await readFile(`${at}/app.tar`, 'utf8'), 'was here');
});

test('encrypted, sent and signed in one pass; loaded only with the signature over the ciphertext', async (t) => {
  const url = urlOf(`${await folder('drop')}/app.tar.age`);
  await save({ images: [archive], output: url, signing, encryption: { recipients: [await age()] } });
  t.deepEqual(await scratch.tree('drop'), ['app.tar.age', 'app.tar.age.sha256', 'app.tar.age.sha256.sig']);
  const storeFolder = scratch.path('store-age');
  const decryption = { identities: [scratch.path('keys', 'age.agekey')] };
  const run = (from: string, options: object = {}): Promise<unknown> => load({ from, storeFolder, decryption, admission: { trust }, ...options });
  const path = scratch.path('drop', 'app.tar.age');
  for (const from of [url, path]) t.is(((await run(from, { storeFolder: scratch.path(`store-age-${from.length}`) })) as { images: unknown[] }).images.length, 1);
  // The signature is looked at first: without an identity, too, a changed file is refused for its signature.
  const bytes = await readFile(path);
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1;
  await writeFile(path, bytes);
  for (const from of [url, path]) await t.throwsAsync(run(from, { decryption: undefined }), { code: 'signature-invalid' });
  await appendFile(path, 'more');
  for (const from of [url, path]) await t.throwsAsync(run(from), { code: 'signature-invalid', message: /bytes, but the signed statement says/ });
  t.deepEqual(await storeEntries(storeFolder), []);
});

test('load from a host and from standard input believes only what is signed', async (t) => {
  const at = await folder('host');
  await save({ images: [archive], output: `${at}/app.tar`, signing });
  const storeFolder = scratch.path('store-host');
  const admission = { trust };
  const stdin = (): AsyncIterable<Uint8Array> => createReadStream(`${at}/app.tar`);
  const beside = { statement: `${at}/app.tar.sha256`, signatures: [`${at}/app.tar.sha256.sig`] };
  t.regex((await load({ from: urlOf(`${at}/app.tar`), storeFolder, admission })).notes.map(({ message }) => message).join(), /signed by release@acme\.example/);
  t.is((await load({ from: '-', stdin: stdin(), storeFolder, admission: { trust, ...beside } })).images.length, 1);
  const empty = scratch.path('store-empty');
  const refuse = (from: string, options: Partial<Parameters<typeof load>[0]>, code: string): Promise<unknown> => t.throwsAsync(load({ from, storeFolder: empty, ...options }), { code } as never);
  await refuse('-', { stdin: stdin(), admission }, 'signature-missing');
  await cp(`${at}/app.tar`, `${at}/unsigned.tar`);
  await refuse(urlOf(`${at}/unsigned.tar`), { admission }, 'signature-missing');
  await cp(`${at}/app.tar`, `${at}/swapped.tar`);
  for (const suffix of ['.sha256', '.sha256.sig']) await cp(`${at}/app.tar${suffix}`, `${at}/swapped.tar${suffix}`);
  await refuse(urlOf(`${at}/swapped.tar`), { admission }, 'signature-invalid');
  await refuse(`${at}/swapped.tar`, { admission }, 'signature-invalid');
  await refuse(urlOf(`${at}/app.tar`), { admission: { keys: [scratch.path('keys', 'other.pub')] } }, 'signature-untrusted');
  await refuse('-', { stdin: createReadStream(archive, { end: 99 }), admission: { trust, ...beside } }, 'signature-invalid');
  t.deepEqual(await storeEntries(empty), []);
});

test('send signs, fetch believes nobody else, and no name appears for what it refuses', async (t) => {
  const [from, here] = [await folder('far'), await folder('here')];
  const sent = await send({ files: [archive], to: [`${urlOf(from)}/`], signing });
  t.true(sent.ok);
  t.deepEqual(await scratch.tree('far'), ['in.tar', 'in.tar.sha256', 'in.tar.sha256.sig']);
  const url = urlOf(`${from}/in.tar`);
  const fetched = await fetch({ url, output: here, trust: { trust } });
  t.deepEqual(fetched.signatures?.map(({ identity }) => identity), ['release@acme.example']);
  const nowhere = await folder('nowhere');
  const refuse = (code: string, options: object = {}): Promise<unknown> => t.throwsAsync(fetch({ url, output: nowhere, trust: { trust }, ...options }), { code } as never);
  await refuse('signature-untrusted', { trust: { keys: [scratch.path('keys', 'other.pub')] } });
  await trustAdd({ folder: scratch.path('trust-revoked'), files: [`${key}.pub`], identity: 'release@acme.example' });
  await trustAdd({ folder: scratch.path('trust-revoked'), files: [`${key}.pub`], revoked: true });
  await refuse('signature-untrusted', { trust: { trust: scratch.path('trust-revoked') } });
  // Some rule of the policy must be able to let it in; which one counts, its images say later.
  const withPolicy = async (name: string, repositories: object): Promise<string> => {
    const [to, policy] = [scratch.path(name), await scratch.write(`${name}-policy/policy.json`, JSON.stringify({ version: 1, default: 'reject', repositories }))];
    await trustAdd({ folder: to, files: [`${key}.pub`], identity: 'release@acme.example' });
    await trustAdd({ folder: to, files: [policy] });
    return to;
  };
  await refuse('policy-refused', { trust: { trust: await withPolicy('closed', {}) } });
  await refuse('policy-refused', { trust: { trust: await withPolicy('strict', { 'registry.example/*': { signedBy: ['safety@acme.example'] } }) } });
  await fetch({ url, output: here, force: true, trust: { trust: await withPolicy('fitting', { 'registry.example/*': { signedBy: ['release@acme.example'] } }) } });
  await cp(`${from}/in.tar`, `${from}/away.tar`);
  await appendFile(`${from}/in.tar`, 'x');
  await refuse('signature-invalid');
  await rename(`${from}/away.tar`, `${from}/in.tar`);
  const statement = await readFile(`${from}/in.tar.sha256`, 'utf8');
  await cp(`${from}/in.tar`, `${from}/renamed.tar`);
  for (const suffix of ['.sha256', '.sha256.sig']) await cp(`${from}/in.tar${suffix}`, `${from}/renamed.tar${suffix}`);
  await refuse('signature-invalid', { url: urlOf(`${from}/renamed.tar`) });
  await writeFile(`${from}/in.tar.sha256`, `# by somebody else\n${statement}`);
  await refuse('signature-invalid');
  await writeFile(`${from}/in.tar.sha256`, statement);
  await rename(`${from}/in.tar.sha256.sig`, `${from}/away`);
  await refuse('signature-missing');
  await rm(`${from}/in.tar.sha256`);
  await refuse('signature-missing', { acceptUnchecked: true });
  await refuse('signature-missing', { expect: `sha256:${createHash('sha256').update(await readFile(archive)).digest('hex')}` });
  t.deepEqual(await scratch.tree('nowhere'), []);
});

test('send signs no statement about files that it did not look at', async (t) => {
  const [from, to] = [await folder('vouch'), await folder('vouched')];
  await cp(archive, `${from}/app.tar`);
  const line = async (path: string): Promise<string> => createHash('sha256').update(await readFile(path)).digest('hex');
  await writeFile(`${from}/app.tar.sha256`, `${await line(archive)}  app.tar\n${'0'.repeat(64)}  evil.tar\n`);
  const { deliveries, ok } = await send({ files: [`${from}/app.tar`], to: [`${urlOf(to)}/`], signing });
  t.false(ok);
  t.like(deliveries[0], { status: 'failed', error: { code: 'file-exists' } });
  t.deepEqual(await scratch.tree('vouched'), []);
  t.true((await send({ files: [`${from}/app.tar`], to: [`${urlOf(to)}/`] })).ok);
});

test('watch loads what is signed; the rest goes to quarantine, and comes in once it is signed', async (t) => {
  const at = await folder('watched');
  await save({ images: [archive], output: `${at}/good.tar`, signing });
  await send({ files: [archive], to: [urlOf(`${at}/unsigned.tar`)] });
  const events: WatchEvent[] = [];
  const look = (options: object = {}): ReturnType<typeof watch> => watch({
    url: `${urlOf(at)}/`, once: true, storeFolder: scratch.path('watch', 'store'), quarantine: scratch.path('quarantine'), admission: { trust }, onEvent: (event) => events.push(event), ...options,
  });
  t.deepEqual(await look(), { accepted: 1, quarantined: 1, failed: 0 });
  const quarantined = events.find(({ event }) => event === 'quarantined');
  t.like(quarantined, { name: 'unsigned.tar', error: { code: 'signature-missing' } });
  t.deepEqual(await scratch.tree('quarantine'), ['unsigned.tar', 'unsigned.tar.reason.json', 'unsigned.tar.reason.txt']);
  t.deepEqual(await look(), { accepted: 0, quarantined: 0, failed: 0 });
  await sign({ files: [`${at}/unsigned.tar`], key });
  const statement = await readFile(`${at}/unsigned.tar.sha256`);
  await rm(`${at}/unsigned.tar.sha256`);
  await writeFile(`${at}/unsigned.tar.sha256`, statement);
  t.deepEqual(await look(), { accepted: 1, quarantined: 0, failed: 0 });
  await send({ files: [archive], to: [urlOf(`${at}/second.tar`)] });
  t.deepEqual(await look({ requireSignature: true, quarantine: scratch.path('quarantine-2') }), { accepted: 0, quarantined: 1, failed: 0 });
  t.deepEqual(await scratch.tree('quarantine-2'), ['second.tar.reason.json', 'second.tar.reason.txt'], 'it was not even fetched');
  await t.throwsAsync(look({ admission: undefined, requireSignature: true }), { code: 'usage' });
});
