import { createHash, type KeyObject } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { createCmsSigner } from '../../../src/crypto/sign/cms/cms-signer.js';
import { formatTrustManifest } from '../../../src/crypto/trust/trust-manifest.js';
import type { TrustFile } from '../../../src/crypto/trust/trust.js';
import { previousFolder } from '../../../src/crypto/trust/write-trust-folder.js';
import { isImgkitError, type ErrorCode } from '../../../src/errors.js';
import { addToTrust, removeFromTrust } from '../../../src/operations/trust/change-trust.js';
import { inspectTrust } from '../../../src/operations/trust/inspect-trust.js';
import { loadTrust } from '../../../src/operations/trust/load-trust.js';
import { updateTrust } from '../../../src/operations/trust/update-trust.js';
import { tempFolder } from '../../content/temp.js';
import { makeCa, makeCrl, makeSigner, p256, rsa, type Party } from '../../crypto/pki.js';
import { tarOf } from '../../helpers/tar-entries.js';

const day = (count: number): Date => new Date(Date.now() + count * 86_400_000);
const valid = { from: day(-1), until: day(300) };
const root = makeCa({ ...valid, name: 'Archive CA' });
const ownerCa = makeCa({ ...valid, name: 'Owner CA' });
const owner = makeSigner({ ...valid, by: ownerCa, name: 'Owner' });
const strangerCa = makeCa({ ...valid, name: 'Stranger CA' });
const stranger = makeSigner({ ...valid, by: strangerCa, name: 'Stranger' });
const SSH = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVbLBf3fJWl9wZ6vp5HtFbFzBJQZ1c9cX0G9tYkKpVx release key';
const file = (name: string, text: string | Uint8Array): TrustFile => ({ name, bytes: Buffer.from(text) });

async function refuses(t: ExecutionContext, what: () => Promise<unknown>, code: ErrorCode, says: RegExp): Promise<void> {
  const error = await t.throwsAsync(what);
  t.true(isImgkitError(error, code), String(error));
  t.regex(error?.message ?? '', says);
}

/** As `imgkit sign DIR/trust.json` does it. */
async function signBy(party: Party, folder: string): Promise<void> {
  const manifest = await readFile(join(folder, 'trust.json'));
  const statement = Buffer.from(`${createHash('sha256').update(manifest).digest('hex')}  trust.json\n`);
  const signer = await createCmsSigner({ key: party.key, certificate: party.certificate });
  await writeFile(join(folder, 'trust.json.sha256'), statement);
  await writeFile(join(folder, 'trust.json.sha256.p7s'), await signer.sign(statement));
}

/** A folder with an owner, signed, of the version that this many changes make. */
async function owned(t: ExecutionContext, { changes = 1, by = owner, ca = ownerCa }: { readonly changes?: number; readonly by?: Party; readonly ca?: Party } = {}): Promise<string> {
  const folder = join(await tempFolder(t), 'trust');
  await addToTrust(folder, [ca.certificate], { asOwner: true });
  for (let i = 1; i < changes; i++) await addToTrust(folder, [file(`key${i}.pub`, SSH)], { identity: `release${i}@acme.example` });
  await signBy(by, folder);
  return folder;
}

test('each file goes where it belongs', async (t) => {
  const folder = join(await tempFolder(t), 'trust');
  const middle = makeCa({ ...valid, by: root, name: 'Middle' });
  const result = await addToTrust(folder, [
    root.certificate, middle.certificate, makeCrl(root, { from: day(-1), until: day(7) }),
    file('policy.json', '{"version":1,"default":"reject"}'), file('age.txt', `age1${'q'.repeat(58)}\n`),
  ]);
  await addToTrust(folder, [file('dir/release.pub', SSH)], { identity: 'release@acme.example' });
  await addToTrust(folder, [file('old.pub', SSH)], { revoked: true });
  t.is(result.version, 1);
  t.deepEqual((await readdir(folder)).sort(), ['age_recipients', 'allowed_signers', 'crls', 'intermediates', 'policy.json', 'revoked', 'roots', 'trust.json']);
  const loaded = await loadTrust(folder, { identity: 'x' });
  t.is(loaded.manifest?.version, 3);
  t.deepEqual([loaded.trust.roots.length, loaded.trust.intermediates.length, loaded.trust.crls.length, loaded.trust.allowedSigners.length, loaded.trust.revokedKeys.length], [1, 1, 1, 1, 1]);
  t.is(loaded.trust.identity, 'x');
  t.deepEqual(loaded.policy?.fallback, { kind: 'reject' });
  t.deepEqual(loaded.notes, []);
  t.is(await readFile(join(folder, 'allowed_signers'), 'utf8'), `release@acme.example ${SSH}\n`);
});

test('a key is listed as its signatures and a policy name it, and taken out by that, with the ending of its file or without', async (t) => {
  const folder = join(await tempFolder(t), 'trust');
  const ship = file('keys/ship.pub', p256().publicKey.export({ type: 'spki', format: 'pem' }) as string);
  for (const what of ['ship', 'ship.pub']) {
    const { changed } = await addToTrust(folder, [ship]);
    t.deepEqual(changed.map(({ path, name }) => [path, name]), [['cosign/ship.pub', 'ship']]);
    await removeFromTrust(folder, [what]);
    t.deepEqual((await readdir(folder)).sort(), ['trust.json']);
  }
});

test('private keys, signers and strangers have no place in a trust', async (t) => {
  const folder = join(await tempFolder(t), 'trust');
  const { privateKey } = rsa(2048);
  await refuses(t, () => addToTrust(folder, [file('k', privateKey.export({ type: 'pkcs8', format: 'pem' }) as string)]), 'key-refused', /is a private key/);
  await refuses(t, () => addToTrust(folder, [file('age.key', `# created: 2026-06-01T12:00:00Z\n# public key: age1x\nAGE-SECRET-KEY-1${'Q'.repeat(58)}\n`)]), 'key-refused', /is a private key/);
  await refuses(t, () => addToTrust(folder, [{ name: 'k.p12', bytes: Buffer.from('308209a102010330820957', 'hex') }]), 'key-refused', /is a private key/);
  await refuses(t, () => addToTrust(folder, [makeSigner({ ...valid, by: root }).certificate]), 'key-refused', /is the certificate of a signer.*add the certificate of its CA, "O=Acme, CN=Archive CA"/);
  await refuses(t, () => addToTrust(folder, [file('x', 'hello\n')]), 'key-malformed', /is nothing that a trust holds/);
  await refuses(t, () => addToTrust(folder, [file('x.pub', SSH)]), 'usage', /--identity/);
  await refuses(t, () => addToTrust(folder, [file('x.pub', SSH)], { identity: '* namespaces="x"' }), 'usage', /--identity/);
  await refuses(t, () => addToTrust(folder, [file('policy.json', '{"version":1,"default":"reject"}')], { asOwner: true }), 'usage', /cannot be an owner/);
  t.deepEqual(await readdir(join(folder, '..')), []);
});

test('entries are removed by path, fingerprint and name', async (t) => {
  const folder = join(await tempFolder(t), 'trust');
  await addToTrust(folder, [root.certificate, ownerCa.certificate]);
  await addToTrust(folder, [file('a.pub', SSH)], { identity: 'a@x' });
  await addToTrust(folder, [file('a.pub', SSH)], { identity: 'b@x' });
  await removeFromTrust(folder, ['a@x', 'roots/Owner_CA.crt']);
  t.is(await readFile(join(folder, 'allowed_signers'), 'utf8'), `b@x ${SSH}\n`);
  t.deepEqual(await readdir(join(folder, 'roots')), ['Archive_CA.crt']);
  const certificate = inspectTrust(new Map([['roots/x.crt', root.certificate.bytes]]), new Date()).entries[0];
  const { version } = await removeFromTrust(folder, [certificate?.fingerprint ?? '']);
  t.is(version, 5);
  t.deepEqual((await readdir(folder)).sort(), ['allowed_signers', 'trust.json']);
  await refuses(t, () => removeFromTrust(folder, ['nobody']), 'path-not-found', /holds nothing called "nobody"/);
});

test('keys that are revoked are listed one by one, and stay so when they are taken from those who sign', async (t) => {
  const folder = join(await tempFolder(t), 'trust');
  const other = SSH.replace(/ .*$/, ' AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB lost');
  await addToTrust(folder, [file('a.pub', SSH)], { identity: 'a@x' });
  const { changed } = await addToTrust(folder, [file('a.pub', SSH), file('b.pub', other)], { revoked: true });
  const [first, second] = changed;
  t.deepEqual([first?.kind, second?.kind, second?.name], ['revoked', 'revoked', 'lost']);
  t.regex(`${first?.fingerprint} ${second?.fingerprint}`, /^SHA256:\S+ SHA256:\S+$/);
  const taken = await removeFromTrust(folder, [first?.fingerprint ?? '']);
  t.deepEqual(taken.changed.map(({ kind, name }) => [kind, name]), [['allowed-signers', 'a@x']]);
  await removeFromTrust(folder, ['lost']);
  t.is(await readFile(join(folder, 'revoked'), 'utf8'), `${SSH}\n`);
  t.deepEqual([(await addToTrust(folder, [], { revocation: 'required' })).revocation, (await addToTrust(folder, [], { revocation: 'required' })).revocation], ['required', undefined]);
  await addToTrust(folder, [{ ...root.certificate, name: 'ca.crt' }]);
  const forced = await addToTrust(folder, [{ ...strangerCa.certificate, name: 'ca.crt' }], { force: true });
  t.is(forced.changed.length, 1);
  t.regex(forced.notes.join(), /^in place of O=Acme, CN=Archive CA in roots\/ca\.crt \(sha256:[0-9a-f]{64}\), which is gone$/);
  const recipient = `age1${'q'.repeat(58)}`;
  t.is((await addToTrust(folder, [file('age.txt', `${recipient}\n`)])).changed[0]?.fingerprint, recipient);
});

test('a folder that was changed by hand is refused', async (t) => {
  const changes: readonly (readonly [string, (folder: string) => Promise<unknown>, ErrorCode])[] = [
    ['a file more', (folder) => writeFile(join(folder, 'roots/more.crt'), strangerCa.certificate.bytes), 'document-malformed'],
    ['a file less', (folder) => rm(join(folder, 'roots/Archive_CA.crt')), 'document-malformed'],
    ['another file', (folder) => writeFile(join(folder, 'roots/Archive_CA.crt'), strangerCa.certificate.bytes), 'digest-mismatch'],
    ['a link', (folder) => symlink('/etc/hostname', join(folder, 'roots/link.crt')), 'document-malformed'],
    ['a linked folder', async (folder) => { await rename(join(folder, 'roots'), join(folder, '../elsewhere')); await symlink('../elsewhere', join(folder, 'roots')); }, 'document-malformed'],
    ['a folder for everybody', (folder) => chmod(folder, 0o777), 'key-exposed'],
    ['a folder inside for everybody', (folder) => chmod(join(folder, 'roots'), 0o777), 'key-exposed'],
    ['a file for everybody', (folder) => chmod(join(folder, 'roots/Archive_CA.crt'), 0o666), 'key-exposed'],
    ['something deep', (folder) => mkdir(join(folder, 'roots/a/b/c'), { recursive: true }), 'document-malformed'],
    ['an unknown field', async (folder) => writeFile(join(folder, 'trust.json'), (await readFile(join(folder, 'trust.json'), 'utf8')).replace('{', '{"x":1,')), 'document-malformed'],
  ];
  for (const [name, change, code] of changes) {
    const folder = join(await tempFolder(t), 'trust');
    await addToTrust(folder, [root.certificate]);
    await loadTrust(folder);
    await change(folder);
    const error = await t.throwsAsync(loadTrust(folder), undefined, name);
    t.true(isImgkitError(error, code), `${name}: ${String(error)}`);
  }
});

test('a folder without manifest is used, and says so', async (t) => {
  const folder = await tempFolder(t);
  await mkdir(join(folder, 'roots'));
  await writeFile(join(folder, 'roots/ca.crt'), root.certificate.bytes);
  await writeFile(join(folder, 'README'), 'hello');
  const { trust, notes } = await loadTrust(folder);
  t.is(trust.roots.length, 1);
  t.regex(notes.join('\n'), /has no trust\.json[\s\S]*the file README is none of a trust folder/);
});

test('a folder with owners counts only when one of them signed it', async (t) => {
  const folder = await owned(t, { changes: 2 });
  t.is((await loadTrust(folder)).manifest?.version, 2);
  const changed = await addToTrust(folder, [root.certificate]);
  t.regex(changed.notes.join(), /imgkit sign .*trust\.json --key OWNER_KEY/);
  await refuses(t, () => loadTrust(folder), 'signature-missing', /has owners, but is not signed by one/);
  await signBy(stranger, folder);
  await refuses(t, () => loadTrust(folder), 'signature-untrusted', /does not lead to a trusted root/);
  await signBy(owner, folder);
  t.is((await loadTrust(folder)).trust.roots.length, 1);
  await writeFile(join(folder, 'trust.json'), `${await readFile(join(folder, 'trust.json'), 'utf8')}\n`);
  await refuses(t, () => loadTrust(folder), 'signature-invalid', /is not the file that was signed|has .* bytes/);
});

test('an update must be newer and signed by a present owner', async (t) => {
  const folder = await owned(t, { changes: 2 });
  const newer = await owned(t, { changes: 3 });
  const before = await readFile(join(folder, 'trust.json'));
  for (const [from, code, says] of [
    [await owned(t, { changes: 2 }), 'rollback-refused', /the version that is there/],
    [await owned(t, { changes: 1 }), 'rollback-refused', /version 1, older than version 2/],
    [await owned(t, { changes: 9, by: stranger, ca: strangerCa }), 'signature-untrusted', /does not lead to a trusted root/],
    [await owned(t, { changes: 9, by: stranger }), 'signature-untrusted', /does not lead to a trusted root/],
  ] as const) {
    await refuses(t, () => updateTrust(folder, from), code, says);
    t.deepEqual(await readFile(join(folder, 'trust.json')), before);
  }
  const result = await updateTrust(folder, newer);
  t.deepEqual([result.from, result.to, result.signedBy], [2, 3, ['release@acme.example']]);
  t.is((await loadTrust(folder)).manifest?.version, 3);
  t.deepEqual((await readdir(join(folder, '..'))).sort(), ['trust']);
});

test('an update that is not what its owner signed changes nothing', async (t) => {
  const folder = await owned(t);
  const newer = await owned(t, { changes: 2 });
  await writeFile(join(newer, 'allowed_signers'), 'evil\n');
  await refuses(t, () => updateTrust(folder, newer), 'digest-mismatch', /allowed_signers is not the one that its manifest lists/);
  // The manifest adapted too: then its signature does not fit.
  const files = new Map([['owners/roots/Owner_CA.crt', await readFile(join(newer, 'owners/roots/Owner_CA.crt'))], ['allowed_signers', Buffer.from('evil\n')]]);
  await writeFile(join(newer, 'trust.json'), formatTrustManifest(files, { version: 9, created: new Date(), revocation: 'if-present' }));
  await refuses(t, () => updateTrust(folder, newer), 'signature-invalid', /is not the file that was signed/);
  t.is((await loadTrust(folder)).manifest?.version, 1);
});

test('the first owner is pinned, or named', async (t) => {
  const newer = await owned(t, { changes: 2 });
  const folder = join(await tempFolder(t), 'trust');
  const result = await updateTrust(folder, newer);
  t.is(result.from, undefined);
  t.is(result.owners[0]?.name, 'O=Acme, CN=Owner CA');
  t.regex(result.notes.join(), /were not known before: compare their fingerprints/);
  await refuses(t, async () => updateTrust(folder, await owned(t, { changes: 5, by: stranger, ca: strangerCa })), 'signature-untrusted', /does not lead/);

  const other = join(await tempFolder(t), 'trust');
  await refuses(t, () => updateTrust(other, newer, { owners: [strangerCa.certificate] }), 'signature-untrusted', /does not lead/);
  t.deepEqual((await updateTrust(other, newer, { owners: [ownerCa.certificate] })).notes, []);
  await refuses(t, () => updateTrust(other, newer, { owners: [ownerCa.certificate] }), 'usage', /has owners already/);

  await refuses(t, () => updateTrust(join(other, '..', 'new'), newer, { owners: [file('policy.json', '{"version":1,"default":"accept"}')] }), 'usage', /--owner: .*policy\.json is no key of an owner/);

  const plain = join(await tempFolder(t), 'trust');
  await addToTrust(plain, [root.certificate]);
  await refuses(t, () => updateTrust(plain, newer), 'signature-untrusted', /has no owners whose signature/);
});

test('an update may be a tar, plain or compressed, with a folder at its top', async (t) => {
  const newer = await owned(t, { changes: 2 });
  const tarFor = async (prefix: string): Promise<Buffer> => tarOf(...(await Promise.all(
    ['trust.json', 'trust.json.sha256', 'trust.json.sha256.p7s', 'allowed_signers', 'owners/roots/Owner_CA.crt'].map(async (name) => ({ path: `${prefix}${name}`, type: 'file' as const, mode: 0o644, body: await readFile(join(newer, name), 'latin1') })),
  )));
  for (const bytes of [await tarFor(''), await tarFor('trust/'), gzipSync(await tarFor('./'))]) {
    const at = await tempFolder(t);
    await writeFile(join(at, 'new.tar'), bytes);
    t.is((await updateTrust(join(at, 'trust'), join(at, 'new.tar'))).to, 2);
    t.is((await loadTrust(join(at, 'trust'))).manifest?.version, 2);
  }
  const at = await tempFolder(t);
  await writeFile(join(at, 'bad.tar'), tarOf({ path: 'roots/x', type: 'symlink', mode: 0o777, linkPath: '/etc/passwd' }));
  await refuses(t, () => updateTrust(join(at, 'trust'), join(at, 'bad.tar')), 'document-malformed', /is no plain file/);
});

test('an update that was killed between its two renames is put right, and pins nobody anew', async (t) => {
  const folder = await owned(t, { changes: 2 });
  await rename(folder, previousFolder(folder));
  await refuses(t, () => loadTrust(folder), 'file-not-found', /no such file/);
  await refuses(t, async () => updateTrust(folder, await owned(t, { changes: 9, by: stranger, ca: strangerCa })), 'signature-untrusted', /does not lead/);
  t.is((await loadTrust(folder)).manifest?.version, 2);
});

test('a public key that is cut, too weak or one of several in a file is not added, nor a secret one of minisign', async (t) => {
  const folder = join(await tempFolder(t), 'trust');
  const pem = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }) as string;
  const [good, weak] = [2048, 1024].map((bits) => pem(rsa(bits).publicKey)) as [string, string];
  await refuses(t, () => addToTrust(folder, [file('cut.pub', good.slice(0, 100))]), 'key-malformed', /is no public key in PEM/);
  await refuses(t, () => addToTrust(folder, [file('two.pub', `${good}${good}`)]), 'key-malformed', /two\.pub: is no public key in PEM/);
  await refuses(t, () => addToTrust(folder, [file('weak.pub', weak)]), 'key-refused', /RSA of 1024 bits is too weak/);
  await refuses(t, () => addToTrust(folder, [file('mini.pub', 'untrusted comment: minisign public key\nRWQ')]), 'key-malformed', /is no public key of minisign/);
  const secret = file('mini.key', `untrusted comment: minisign encrypted secret key\n${Buffer.alloc(158, 1).toString('base64')}\n`);
  await refuses(t, () => addToTrust(folder, [secret]), 'key-refused', /mini\.key: is a private key/);
  await refuses(t, () => addToTrust(folder, [secret], { asOwner: true }), 'key-refused', /mini\.key: is a private key/);
  t.is((await addToTrust(folder, [file('good.pub', good)])).version, 1);
});

test('what is expired, stale, weak or soon will be is found', (t) => {
  const soon = makeCa({ name: 'Soon', from: day(-1), until: day(10) });
  const findings = (path: string, bytes: Uint8Array, more: readonly (readonly [string, Uint8Array])[] = []): string => inspectTrust(new Map([[path, bytes], ...more]), new Date()).findings.map(({ status, message }) => `${status} ${message}`).join('\n');
  t.regex(findings('roots/a', makeCa({ name: 'Gone', from: day(-9), until: day(-1) }).certificate.bytes), /failed O=Acme, CN=Gone expired on/);
  t.regex(findings('roots/a', soon.certificate.bytes), /note O=Acme, CN=Soon expires on/);
  t.regex(findings('roots/a', makeCa({ ...valid, name: 'Weak', keys: rsa(1024) }).certificate.bytes), /failed is too weak: RSA with 1024 bits/);
  t.regex(findings('crls/a', makeCrl(root, { from: day(-9), until: day(-1) }).bytes, [['roots/a', root.certificate.bytes]]), /failed the CRL of O=Acme, CN=Archive CA is stale since/);
  // Only the newest of a CA must be current; one that no CA signed replaces none.
  const old = makeCrl(root, { from: day(-9), until: day(-1) }).bytes;
  const roots = [['roots/a', root.certificate.bytes], ['roots/b', strangerCa.certificate.bytes]] as const;
  t.regex(findings('crls/a', old, [...roots, ['crls/b', makeCrl(root, { from: day(-1), until: day(9) }).bytes]]), /^note the CRL of O=Acme, CN=Archive CA is stale since [\d-]+, and a newer one is there: remove this one\nnote is not there/);
  t.regex(findings('crls/a', old, [...roots, ['crls/b', makeCrl(strangerCa, { from: day(-1), until: day(9) }).bytes]]), /^failed the CRL of O=Acme, CN=Archive CA is stale/);
  t.regex(findings('crls/a', old, [['roots/a', root.certificate.bytes], ['crls/b', makeCrl(root, { from: day(-3), until: day(-2) }).bytes]]), /^note .*\nfailed /);
  t.regex(findings('crls/a', makeCrl(root, { from: day(-1), until: day(9) }).bytes), /failed no CA of the trust signed the CRL/);
  t.regex(findings('roots/a', Buffer.from('nonsense')), /failed roots\/a: holds no certificate/);
  t.regex(findings('allowed_signers', Buffer.from(`a@x valid-before="20200101" ${SSH}\n`)), /failed a@x expired on 20/);
});

test('of two changes at once neither undoes the other, and no lock is left', async (t) => {
  const parent = await tempFolder(t);
  const folder = join(parent, 'trust');
  await Promise.all([1, 2, 3, 4].map((i) => addToTrust(folder, [file(`key${i}.pub`, SSH)], { identity: `release${i}@acme.example` })));
  await Promise.all([removeFromTrust(folder, ['release1@acme.example']), addToTrust(folder, [root.certificate])]);
  const { manifest, trust } = await loadTrust(folder);
  t.is(manifest?.version, 6);
  t.is(trust.roots.length, 1);
  t.deepEqual([...(await readFile(join(folder, 'allowed_signers'), 'utf8')).matchAll(/release\d/g)].map(([name]) => name).toSorted(), ['release2', 'release3', 'release4']);
  t.deepEqual(await readdir(parent), ['trust']);
  await refuses(t, () => addToTrust(join(parent, 'nowhere', 'trust'), [root.certificate]), 'file-not-found', /nowhere/);
});
