import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { makeImage } from '../../../samples/make-image.js';
import type { VerifiedSignature } from '../../../src/crypto/sign/signature.js';
import { fetch, keygen, load, save, sign, signImage, trustAdd } from '../../../src/index.js';
import { requireSomeRule } from '../../../src/operations/trust/require-some-rule.js';
import { parsePolicy } from '../../../src/policy/parse-policy.js';
import type { Policy } from '../../../src/policy/policy.js';
import { tempFolder } from '../../content/temp.js';

const AT = new Date('2026-06-01T00:00:00Z');
const by = (identity: string): VerifiedSignature => ({ format: 'ssh', keyId: `key of ${identity}`, identity, notes: [] });
const policy = (standard: unknown, app: unknown): Policy => parsePolicy(Buffer.from(JSON.stringify({ version: 1, default: standard, repositories: { 'docker.io/library/app': app } })), 'policy.json');

test('a file is let in that some rule would let in, whichever', (t) => {
  const two = policy('reject', { signedBy: ['a', 'b'], threshold: 2 });
  t.notThrows(() => requireSomeRule(two, [by('a'), by('b')], AT, 'app.tar'));
  t.notThrows(() => requireSomeRule(policy('reject', 'accept'), [], AT, 'app.tar'));
  t.notThrows(() => requireSomeRule(policy('accept', 'reject'), [], AT, 'app.tar'));
  const little = requireSomeRule(two, [by('a')], AT, 'app.tar');
  t.throws(() => requireSomeRule(two, [by('c')], AT, 'app.tar'), { code: 'policy-refused' }, 'none of those');
  const inFiles = policy('reject', { signedBy: ['a', 'b'], threshold: 2, formats: ['ssh', 'minisign'] });
  t.throws(() => requireSomeRule(inFiles, [by('a')], AT, 'app.tar'), { code: 'policy-refused' }, 'images are signed in other formats');
  t.is(little?.code, 'policy-refused');
  t.regex(little?.message ?? '', /^app\.tar: no rule of policy\.json lets in what is signed so: found a \(ssh\), needed signatures by 2 of a, b; ask the sender/);
  t.regex(t.throws(() => requireSomeRule(policy('reject', 'reject'), [by('a')], AT, 'app.tar'))?.message ?? '', /needed nothing that could be given: every repository is rejected/);
});

test('fetch asks for that before it fetches', async (t) => {
  const folder = await tempFolder(t);
  const path = (...names: readonly string[]): string => join(folder, ...names);
  await writeFile(path('app.tar'), 'any bytes');
  await keygen({ type: 'ssh', folder: path('keys') });
  await sign({ files: [path('app.tar')], key: path('keys', 'ssh') });
  await trustAdd({ folder: path('trust'), files: [path('keys', 'ssh.pub')], identity: 'release@acme.example' });
  const get = (): ReturnType<typeof fetch> => fetch({ url: pathToFileURL(path('app.tar')).href, output: path('here.tar'), trust: { trust: path('trust') } });
  await writeFile(path('policy.json'), JSON.stringify({ version: 1, default: { signedBy: ['other@acme.example'] } }));
  await trustAdd({ folder: path('trust'), files: [path('policy.json')] });
  await t.throwsAsync(get(), { code: 'policy-refused', message: /no rule of .*policy\.json lets in/ });
  await writeFile(path('policy.json'), JSON.stringify({ version: 1, default: { signedBy: ['release@acme.example'] } }));
  await trustAdd({ folder: path('trust'), files: [path('policy.json')], force: true });
  t.is((await get()).status, 'fetched');
});

test('a rule that needs who signed the file and who signed the image: both are looked at before the file has its name', async (t) => {
  const folder = await tempFolder(t);
  const path = (...names: readonly string[]): string => join(folder, ...names);
  await makeImage({ output: path('app.tar') });
  await keygen({ type: 'ssh', folder: path('keys') });
  await keygen({ type: 'cosign', folder: path('keys') });
  await trustAdd({ folder: path('trust'), files: [path('keys', 'ssh.pub')], identity: 'release@acme.example' });
  await writeFile(path('policy.json'), JSON.stringify({ version: 1, default: { signedBy: ['release@acme.example', 'cosign'], threshold: 2 } }));
  await trustAdd({ folder: path('trust'), files: [path('keys', 'cosign.pub'), path('policy.json')] });
  const fetchTo = (name: string): ReturnType<typeof fetch> => fetch({ url: pathToFileURL(path('app.tar')).href, output: path('here', name), trust: { trust: path('trust') } });
  const signFile = async (): Promise<void> => {
    for (const suffix of ['.sha256', '.sha256.sig']) await rm(path(`app.tar${suffix}`), { force: true });
    await sign({ files: [path('app.tar')], key: path('keys', 'ssh') });
  };
  await mkdir(path('here'));
  await signFile();
  await t.throwsAsync(fetchTo('half.tar'), { code: 'policy-refused', message: /found release@acme\.example \(ssh\), needed signatures by 2 of/ });
  t.deepEqual(await readdir(path('here')), [], 'nothing of it is kept');
  const storeFolder = path('signing');
  await load({ from: path('app.tar'), storeFolder });
  await signImage({ location: 'store:hello:1.2.0', storeFolder, key: path('keys', 'cosign.key') });
  await save({ images: ['store:hello:1.2.0'], storeFolder, output: path('app.tar'), force: true });
  await signFile();
  t.is((await fetchTo('app.tar')).status, 'fetched');
  t.is((await fetchTo('app.tar')).status, 'already-there');
  const { images } = await load({ from: path('here', 'app.tar'), storeFolder: path('store'), admission: { trust: path('trust') } });
  t.true(images.some(({ names }) => names.includes('docker.io/library/hello:1.2.0')));
  // Signed by the first only, and nothing that could hold an image.
  await writeFile(path('app.tar'), 'any bytes');
  await signFile();
  await t.throwsAsync(fetchTo('plain.tar'), { code: 'policy-refused', message: /no rule of/ });
  t.false((await readdir(path('here'))).some((name) => name.includes('plain')));
});
