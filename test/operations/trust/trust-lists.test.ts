import { createHash } from 'node:crypto';
import { cp, lstat, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { compress } from '@cloudpss/zstd';
import test, { type ExecutionContext } from 'ava';
import { createCmsSigner } from '../../../src/crypto/sign/cms/cms-signer.js';
import { previousFolder } from '../../../src/crypto/trust/write-trust-folder.js';
import type { TrustFile } from '../../../src/crypto/trust/trust.js';
import { isImgkitError, type ErrorCode } from '../../../src/errors.js';
import { addToTrust, removeFromTrust } from '../../../src/operations/trust/change-trust.js';
import { loadTrust } from '../../../src/operations/trust/load-trust.js';
import { updateTrust } from '../../../src/operations/trust/update-trust.js';
import { tempFolder } from '../../content/temp.js';
import { makeCa, makeCrl, makeSigner, type Party } from '../../crypto/pki.js';
import { tarOf } from '../../helpers/tar-entries.js';

const day = (count: number): Date => new Date(Date.now() + count * 86_400_000);
const valid = { from: day(-9), until: day(300) };
const [root, other] = [makeCa({ ...valid, name: 'Archive CA' }), makeCa({ ...valid, name: 'Other CA' })];
const SSH = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVbLBf3fJWl9wZ6vp5HtFbFzBJQZ1c9cX0G9tYkKpVx release key';
const file = (name: string, text: string | Uint8Array): TrustFile => ({ name, bytes: Buffer.from(text) });
const list = (by: Party, from: Date): TrustFile => ({ ...makeCrl(by, { from, until: day(9) }), name: 'ca.crl' });

async function refuses(t: ExecutionContext, what: () => Promise<unknown>, code: ErrorCode, says: RegExp): Promise<void> {
  const error = await t.throwsAsync(what);
  t.true(isImgkitError(error, code), String(error));
  t.regex(error?.message ?? '', says);
}

test('a CRL gives way only to a newer one of its CA: else what was revoked would count again', async (t) => {
  const folder = join(await tempFolder(t), 'trust');
  const newest = list(root, day(-1));
  await addToTrust(folder, [root.certificate, newest]);
  await refuses(t, () => addToTrust(folder, [list(root, day(-2))]), 'rollback-refused', /older than the one of .* that is there/);
  await refuses(t, () => addToTrust(folder, [list(other, day(0))]), 'file-exists', /has the CRL of another CA \(O=Acme, CN=Archive CA\) as crls\/ca\.crl already/);
  await refuses(t, () => addToTrust(join(folder, '../two'), [newest, list(other, day(0))]), 'file-exists', /another CA/);
  t.deepEqual(await readFile(join(folder, 'crls/ca.crl')), Buffer.from(newest.bytes));
  await addToTrust(folder, [list(root, day(0))]);
  t.is((await addToTrust(folder, [list(other, day(-2))], { force: true })).version, 3);
});

test('a key is not written into a binary list of revoked keys', async (t) => {
  const folder = join(await tempFolder(t), 'trust');
  const krl = Buffer.concat([Buffer.from('SSHKRL\n\0', 'latin1'), Buffer.from('00000001', 'hex'), Buffer.alloc(24, 0xff), Buffer.alloc(8)]);
  await addToTrust(folder, [file('revoked.krl', krl)]);
  await refuses(t, () => addToTrust(folder, [file('a.pub', SSH)], { revoked: true }), 'file-exists', /ssh-keygen -k -u/);
  t.deepEqual(await readFile(join(folder, 'revoked')), krl);
});

test('a folder that is named by a link is changed where it is', async (t) => {
  const place = await tempFolder(t);
  const [real, link] = [join(place, 'real'), join(place, 'link')];
  await symlink('real', link);
  await refuses(t, () => addToTrust(link, [root.certificate]), 'file-not-found', /is a link to .*real, which is not there/);
  await addToTrust(real, [root.certificate, other.certificate]);
  await Promise.all([removeFromTrust(link, ['roots/Other_CA.crt']), addToTrust(real, [file('a.pub', SSH)], { identity: 'a@x' })]);
  t.true((await lstat(link)).isSymbolicLink());
  const { manifest, trust } = await loadTrust(real);
  t.deepEqual([manifest?.version, trust.roots.length, trust.allowedSigners.length], [3, 1, 1]);
  await rename(real, previousFolder(real));
  t.is((await addToTrust(link, [other.certificate])).version, 4);
});

/** A folder that its owner signed. */
async function owned(folder: string, ca: Party, changes = 1): Promise<void> {
  await addToTrust(folder, [ca.certificate], { asOwner: true });
  for (let i = 1; i < changes; i++) await addToTrust(folder, [file('a.pub', SSH)], { identity: `a${i}@x` });
  const manifest = await readFile(join(folder, 'trust.json'));
  const statement = Buffer.from(`${createHash('sha256').update(manifest).digest('hex')}  trust.json\n`);
  const { key, certificate } = makeSigner({ ...valid, by: ca });
  await writeFile(join(folder, 'trust.json.sha256'), statement);
  await writeFile(join(folder, 'trust.json.sha256.p7s'), await (await createCmsSigner({ key, certificate })).sign(statement));
}

test('an update counts the owners of a version that is known, and no others', async (t) => {
  const place = await tempFolder(t);
  const [folder, older, newer, evil] = ['trust', 'older', 'newer', 'evil'].map((name) => join(place, name)) as [string, string, string, string];
  for (const [path, changes] of [[folder, 2], [older, 1], [newer, 3]] as const) await owned(path, root, changes);
  await owned(evil, other, 9);
  const certificate = join(folder, 'owners/roots/Archive_CA.crt');
  const [right, wrong, manifest] = [await readFile(certificate), await readFile(join(evil, 'owners/roots/Other_CA.crt')), await readFile(join(folder, 'trust.json'))];
  await writeFile(certificate, wrong);
  await refuses(t, () => updateTrust(folder, evil), 'digest-mismatch', /owners\/roots\/Archive_CA\.crt is not the one/);
  await writeFile(certificate, right);
  await rm(join(folder, 'trust.json'));
  await refuses(t, () => updateTrust(folder, older), 'rollback-refused', /has lost its trust\.json/);
  await writeFile(join(folder, 'trust.json'), manifest);
  t.is((await updateTrust(folder, newer)).to, 3);
  // Owners sign now, whatever time the trust is asked about.
  t.is((await loadTrust(folder, { at: day(-30) })).manifest?.version, 3);
  // Owners alone, put there by hand, are a way to name them.
  const byHand = join(place, 'hand');
  await mkdir(join(byHand, 'owners/roots'), { recursive: true });
  await writeFile(join(byHand, 'owners/roots/ca.crt'), right);
  await refuses(t, () => updateTrust(byHand, evil), 'signature-untrusted', /does not lead/);
  t.is((await updateTrust(byHand, older)).to, 1);
});

test('the version that is there mends it, and takes the place of nothing else', async (t) => {
  const place = await tempFolder(t);
  const [folder, copy, another] = ['trust', 'copy', 'another'].map((name) => join(place, name)) as [string, string, string];
  await owned(folder, root, 2);
  await owned(another, root, 2);
  await cp(folder, copy, { recursive: true });
  const spoil = ['allowed_signers', 'trust.json.sha256.p7s'].flatMap((name) => [(): Promise<void> => rm(join(folder, name)), (): Promise<void> => writeFile(join(folder, name), 'x')]);
  for (const each of spoil) {
    await each();
    await t.throwsAsync(loadTrust(folder));
    await refuses(t, () => updateTrust(folder, another), 'rollback-refused', /is the version that is there/);
    const { from, to } = await updateTrust(folder, copy);
    t.deepEqual([from, to, (await loadTrust(folder)).manifest?.version], [2, 2, 2]);
  }
  await refuses(t, () => updateTrust(folder, copy), 'rollback-refused', /is the version that is there/);
});

test('an update is a tar of any compression, but no encrypted one', async (t) => {
  const place = await tempFolder(t);
  const [folder, packed] = [join(place, 'trust'), join(place, 'packed')];
  await owned(folder, root);
  const names = ['trust.json', 'trust.json.sha256', 'trust.json.sha256.p7s', 'owners/roots/Archive_CA.crt'];
  const tar = tarOf(...(await Promise.all(names.map(async (path) => ({ path, type: 'file' as const, mode: 0o644, body: await readFile(join(folder, path), 'latin1') })))));
  await writeFile(packed, compress(tar, 3));
  t.is((await updateTrust(join(place, 'new'), packed)).to, 1);
  await writeFile(packed, gzipSync(tar).subarray(0, -9));
  await refuses(t, () => updateTrust(join(place, 'never'), packed), 'compression-malformed', /packed: /);
  await writeFile(packed, 'age-encryption.org/v1\n');
  await refuses(t, () => updateTrust(join(place, 'never'), packed), 'format-unknown', /is encrypted; decrypt it first/);
});

test('a link to a disk that is not there pins no new owners', async (t) => {
  const place = await tempFolder(t);
  const [evil, link] = [join(place, 'evil'), join(place, 'trust')];
  await owned(evil, other);
  await symlink('/nowhere/trust', link);
  await refuses(t, () => updateTrust(link, evil), 'file-not-found', /is its disk mounted/);
  t.true((await lstat(link)).isSymbolicLink());
});
