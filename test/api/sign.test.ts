import { spawnSync } from 'node:child_process';
import { chmod, link, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { makeImage } from '../../samples/make-image.js';
import { keygen, sign, verify, verifySignature, type KeyType, type SignatureCheck, type VerifyReport } from '../../src/index.js';
import { newPartPath } from '../../src/content/part-file.js';
import { rejectsWith } from '../content/bytes.js';
import { makeScratch } from '../helpers/scratch.js';

const scratch = makeScratch();
const keys = scratch.path('keys');
const tar = scratch.path('app.tar');

test.before(async () => {
  await makeImage({ output: tar });
  for (const type of ['ssh', 'cosign', 'minisign', 'x509'] as const) await keygen({ type, folder: keys, comment: 'ship@example.org' });
});
test.after.always(() => scratch.remove());

const unsigned = async (): Promise<void> => {
  for (const suffix of ['', '.sig', '.minisig', '.sigstore.json', '.p7s']) await rm(`${tar}.sha256${suffix}`, { force: true });
};

const KINDS: readonly (readonly [type: KeyType, key: string, trust: SignatureCheck, suffix: string])[] = [
  ['ssh', 'ssh', { keys: [`${keys}/ssh.pub`] }, '.sig'],
  ['cosign', 'cosign.key', { keys: [`${keys}/cosign.pub`] }, '.sigstore.json'],
  ['minisign', 'minisign.key', { keys: [`${keys}/minisign.pub`] }, '.minisig'],
  ['x509', 'x509.key', { certificates: [`${keys}/x509.crt`] }, '.p7s'],
];

for (const [type, key, trust, suffix] of KINDS) {
  test.serial(`${type}: a new key signs, verify believes its public half, and refuses a changed archive`, async (t) => {
    await unsigned();
    const made = await sign({ files: [tar], key: `${keys}/${key}`, ...(type === 'x509' ? { certificate: `${keys}/x509.crt` } : {}) });
    t.deepEqual(made.signed.map(({ statement, signature, replaced }) => [statement, signature, replaced]), [[`${tar}.sha256`, `${tar}.sha256${suffix}`, undefined]]);
    const report = await verify({ target: tar, signed: trust });
    t.true(report.ok);
    t.is(report.refused, undefined);
    t.deepEqual(report.findings.slice(0, 4).map(({ check, status }) => `${check} ${status}`).filter((each) => each.startsWith('sign') && each.endsWith('ok')), ['signature ok', 'signed-file ok']);
    t.is(report.signatures?.length, 1);
    t.is((await verifySignature({ file: tar, ...trust })).file, tar);

    const bytes = await readFile(tar);
    await writeFile(tar, Buffer.concat([bytes, Buffer.alloc(512)]));
    const refused = await verify({ target: tar, signed: trust });
    await writeFile(tar, bytes);
    t.false(refused.ok);
    t.true(refused.refused);
    // What is refused is not looked into.
    t.deepEqual([...new Set(refused.findings.map(({ check }) => check))], ['signature', 'signed-file']);
  });
}

test.serial('a file at a host, and one on standard input, are verified by what is signed about them', async (t) => {
  await unsigned();
  const target = pathToFileURL(tar).href;
  const signed = { keys: [`${keys}/ssh.pub`] };
  const missing = await verify({ target, signed });
  t.true(missing.refused);
  t.true(missing.findings.some(({ status, message }) => status === 'failed' && message.includes('app.tar.sha256')), JSON.stringify(missing.findings));
  await sign({ files: [tar], key: `${keys}/ssh` });
  const report = await verify({ target, signed });
  t.true(report.ok, JSON.stringify(report.findings));
  t.is(report.signatures?.length, 1);
  t.deepEqual(report.findings.slice(0, 4).map(({ check, status }) => `${check} ${status}`).filter((each) => each.startsWith('sign') && each.endsWith('ok')), ['signature ok', 'signed-file ok']);
  const piped = async (content: Buffer): Promise<VerifyReport> => verify({ target: '-', stdin: Readable.from([content]), signed: { ...signed, statement: `${tar}.sha256` } });
  t.true((await piped(await readFile(tar))).ok);
  t.like(await verify({ target, signed: { keys: [`${keys}/minisign.pub`] } }), { ok: false, refused: true, images: [] });

  const bytes = await readFile(tar);
  const changed = Buffer.from(bytes);
  changed[600] = (changed[600] as number) ^ 1;
  for (const other of [changed, Buffer.concat([bytes, Buffer.alloc(512)])]) {
    await writeFile(tar, other);
    const refused = await verify({ target, signed });
    await writeFile(tar, bytes);
    t.like(refused, { ok: false, refused: true, images: [] });
    t.is(refused.findings.at(-1)?.check, 'signed-file');
    t.like(await piped(other), { ok: false, refused: true, images: [] });
  }
  await writeFile(`${tar}.sha256.sig`, 'nonsense');
  t.like(await verify({ target, signed }), { ok: false, refused: undefined, images: [] });
});

test.serial('verify tells refused from malformed, and what is not a file from both', async (t) => {
  await unsigned();
  const signed = { keys: [`${keys}/ssh.pub`] };
  t.like(await verify({ target: tar, signed }), { ok: false, refused: true });
  await sign({ files: [tar], key: `${keys}/ssh` });
  await writeFile(`${tar}.sha256.sig`, 'nonsense');
  const malformed = await verify({ target: tar, signed });
  t.false(malformed.ok);
  t.is(malformed.refused, undefined);
  await rejectsWith(t, 'image-not-found', verify({ target: 'store:app', signed, storeFolder: scratch.path('store') }));
  await rejectsWith(t, 'key-malformed', verify({ target: tar, signed: { keys: [tar] } }));
  await rejectsWith(t, 'key-malformed', verify({ target: tar, signed: { keys: [`${keys}/ssh`] } }));
  await rejectsWith(t, 'key-malformed', verify({ target: tar, signed: { keys: [`${keys}/x509.crt`] } }));
  await rejectsWith(t, 'file-not-found', verify({ target: tar, signed: { keys: [scratch.path('gone')] } }));
});

test.serial('sign guesses the format from the key, or says what is missing', async (t) => {
  await unsigned();
  await rejectsWith(t, 'usage', sign({ files: [tar], key: `${keys}/x509.key` }));
  await rejectsWith(t, 'usage', sign({ files: [tar], key: `${keys}/x509.key`, format: 'minisign' }));
  await rejectsWith(t, 'usage', sign({ files: [tar], key: `${keys}/x509.key`, format: 'cms' }));
  await rejectsWith(t, 'usage', sign({ files: [tar], key: `${keys}/ssh`, format: 'cosign' }));
  await rejectsWith(t, 'usage', sign({ files: [tar], key: `${keys}/ssh`, certificate: `${keys}/x509.crt` }));
  await rejectsWith(t, 'key-malformed', sign({ files: [tar], key: `${keys}/minisign.pub` }));
  await keygen({ type: 'age', folder: keys });
  for (const [name, says] of [['age.agekey', /is an age identity/], ['notes.txt', /is no private key of SSH/]] as const) {
    if (name === 'notes.txt') await writeFile(`${keys}/${name}`, 'my key\n', { mode: 0o600 });
    t.regex((await t.throwsAsync(sign({ files: [tar], key: `${keys}/${name}` }), { code: 'key-malformed' } as never))?.message ?? '', says);
  }
  t.is((await sign({ files: [tar], key: `${keys}/x509.key`, format: 'cosign' })).format, 'cosign');
  t.is((await sign({ files: [tar], key: `${keys}/x509.key`, format: 'ssh' })).format, 'ssh');
  t.like(await sign({ files: [tar], key: `${keys}/ssh` }), { format: 'ssh', signed: [{ kept: true, replaced: true }] });
});

test.serial('a part that a killed process left of the statement goes, also when the statement is there', async (t) => {
  await unsigned();
  await sign({ files: [tar], key: `${keys}/ssh` });
  const gone = spawnSync(process.execPath, ['--version']).pid.toString(16).padStart(6, '0');
  const part = (await newPartPath(`${tar}.sha256`)).replace(/[0-9a-f]{6}(?=[0-9a-f]{4}\.part$)/, gone);
  await link(`${tar}.sha256`, part);
  await sign({ files: [tar], key: `${keys}/ssh` });
  await t.throwsAsync(stat(part), { code: 'ENOENT' });
});

test.serial('a key that others can read signs nothing', async (t) => {
  await unsigned();
  await keygen({ type: 'ssh', folder: keys, name: 'open' });
  await chmod(`${keys}/open`, 0o644);
  await rejectsWith(t, 'key-exposed', sign({ files: [tar], key: `${keys}/open` }));
  await t.throwsAsync(stat(`${tar}.sha256`), { code: 'ENOENT' });
});

test.serial('a passphrase is asked only for a key that has one, and a wrong one leaves nothing behind', async (t) => {
  await unsigned();
  await keygen({ type: 'cosign', folder: keys, name: 'locked', passphrase: 'secret' });
  await sign({ files: [tar], key: `${keys}/ssh`, passphrase: () => t.fail() as never });
  await unsigned();
  const error = await rejectsWith(t, 'key-refused', sign({ files: [tar], key: `${keys}/locked.key`, passphrase: async () => 'hunter2' }));
  t.notRegex(error.message, /hunter2/);
  await t.throwsAsync(stat(`${tar}.sha256`), { code: 'ENOENT' });
  t.is((await sign({ files: [tar], key: `${keys}/locked.key`, passphrase: async () => 'secret' })).format, 'cosign');
});

test.serial('keygen overwrites nothing, and its secrets are private', async (t) => {
  const before = await readFile(`${keys}/ssh`);
  await rejectsWith(t, 'file-exists', keygen({ type: 'ssh', folder: keys }));
  t.deepEqual(await readFile(`${keys}/ssh`), before);
  await writeFile(`${keys}/half.pub`, 'mine');
  await rejectsWith(t, 'file-exists', keygen({ type: 'ssh', folder: keys, name: 'half' }));
  await t.throwsAsync(stat(`${keys}/half`), { code: 'ENOENT' });
  for (const name of ['ssh', 'cosign.key', 'minisign.key', 'x509.key']) t.is((await stat(`${keys}/${name}`)).mode & 0o777, 0o600, name);
  for (const name of ['../x', '', '.hidden', 'a/b', '-x']) await rejectsWith(t, 'usage', keygen({ type: 'ssh', folder: keys, name }));
  await rejectsWith(t, 'usage', keygen({ type: 'ssh', folder: keys, name: 'new', comment: 'a\nb' }));
  await rejectsWith(t, 'usage', keygen({ type: 'ssh', folder: keys, name: 'new', days: 5 }));
});

test.serial('a file without a statement, and images without signatures: both are said to be missing, and where they were looked for', async (t) => {
  await unsigned();
  const report = await verify({ target: tar, signed: { keys: [`${keys}/ssh.pub`] } });
  t.true(report.refused);
  const failed = report.findings.filter(({ status }) => status === 'failed').map(({ message }) => message);
  t.is(failed.length, 2);
  t.true(failed[0]?.includes(`there is no app.tar.sha256 in ${scratch.folder}, and so no signature over it`), failed[0]);
  t.regex(failed[1] ?? '', /^the image sha256:\S+ has no signature of its own/);
  const plain = await scratch.write('plain', 'x');
  t.true((await verify({ target: plain, signed: { keys: [`${keys}/ssh.pub`] } })).findings.some(({ message }) => message.includes('there is no plain.sha256 in ')));
});
