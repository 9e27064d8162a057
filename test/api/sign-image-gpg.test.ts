import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import test from 'ava';
import { rejectsWith } from '../content/bytes.js';
import * as openpgp from 'openpgp';
import { copy, load, signImageGpg, trustAdd, trustCheck, trustList, trustRemove, verify } from '../../src/index.js';
import { hybridParts, named, ociParts } from '../helpers/archive-parts.js';
import { image, index, layer, pack } from '../helpers/image-builder.js';
import { makeScratch, storeEntries } from '../helpers/scratch.js';
import { AT, DAY, makeKey, signMessage } from '../crypto/gpg-keys.js';

/** GPG signatures of images: apart from them, for a digest and a name, in the places where skopeo looks. */
const scratch = makeScratch();
const [app, other] = ['app', 'other'].map((name) => image(name, { layers: [layer(name, { gzip: true })] })) as [ReturnType<typeof image>, ReturnType<typeof image>];
const archive = scratch.writeNow('app.tar', pack(hybridParts([named(app, 'app:1.9.6')])));
const both = scratch.writeNow('both.tar', pack(hybridParts([named(app, 'app:1.9.6'), named(other, 'other:1')])));
const trust = scratch.path('trust');
const key = scratch.path('release.sec');
const name = 'docker.io/library/app:1.9.6';
const at = AT;
let release: openpgp.PrivateKey;
const placeOf = (folder: string, digest: string, repository = 'library/app'): string => `${folder}/${repository}@sha256=${digest.slice(7)}/signature-1`;

test.before(async () => {
  for (const who of ['release', 'mallory']) {
    const made = await makeKey({ userIDs: [{ name: who, email: `${who}@example.org` }] });
    if (who === 'release') release = made;
    scratch.writeNow(`${who}.sec`, made.armor());
    await chmod(scratch.path(`${who}.sec`), 0o600);
    scratch.writeNow(`${who}.asc`, made.toPublic().armor());
  }
  await trustAdd({ folder: trust, files: [scratch.path('release.asc')] });
});
test.after.always(() => scratch.remove());

test('signed in an archive, checked there, on the way into a store, and in it', async (t) => {
  const lookaside = scratch.path('sigs');
  const output = scratch.path('one.sig');
  const result = await signImageGpg({ location: archive, key, lookaside, output, at });
  const digest = app.descriptor.digest as never;
  t.deepEqual(result.signed, [{ digest, reference: name, kept: false, file: output }, { digest, reference: name, kept: false, file: placeOf(lookaside, digest) }]);
  t.is(result.keyId, release.getFingerprint().toUpperCase());
  t.deepEqual((await signImageGpg({ location: archive, key, lookaside, at })).signed, [{ digest, reference: name, kept: true, file: placeOf(lookaside, digest) }]);

  const signatures = [{ format: 'gpg', keyId: result.keyId, identity: 'release', claimedAt: AT, notes: [] }];
  for (const signed of [{ trust, lookaside: [lookaside], at }, { keys: [scratch.path('release.asc')], signatures: [output], at }]) t.like(await verify({ target: archive, signed }), { ok: true, signatures });
  const storeFolder = scratch.path('store');
  const loaded = await load({ from: archive, storeFolder, admission: { trust, lookaside: [lookaside], at } });
  t.regex(loaded.notes.map(({ message }) => message).join(), /signed by release \(gpg/);
  t.true((await verify({ target: 'store:app:1.9.6', storeFolder, signed: { trust, lookaside: [lookaside], at } })).ok);
  // Nothing finds them by itself.
  for (const from of [archive, 'store:app:1.9.6']) t.regex((await rejectsWith(t, 'signature-missing', load({ from, storeFolder, into: `oci:${scratch.path('never')}`, admission: { trust, at } }))).message, /GPG signatures lie apart from the image: name their folder with --lookaside\./);
});

test('signatures lie at a host, too; there none are written', async (t) => {
  const lookaside = scratch.path('served');
  await signImageGpg({ location: archive, key, lookaside, at });
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '');
    asked.push(path);
    readFile(`${lookaside}${path.replace('/sigstore', '')}`).then((bytes) => response.end(bytes), () => response.writeHead(404).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sigstore`;
  t.like(await verify({ target: archive, signed: { trust, lookaside: [url], at } }), { ok: true, signatures: [{ format: 'gpg', identity: 'release' }] });
  t.true(asked.includes(`/sigstore/library/app@sha256=${app.descriptor.digest.slice(7)}/signature-2`), asked.join());
  t.regex((await verify({ target: archive, signed: { trust, lookaside: [`${url}/nowhere`], at } })).findings.map(({ message }) => message).join(), /no signature of its own/);
  t.regex((await verify({ target: archive, signed: { trust, at } })).findings.map(({ message }) => message).join(), /name their folder with --lookaside/);
  await t.throwsAsync(signImageGpg({ location: archive, key: scratch.path('mallory.sec'), lookaside: url, at }), { code: 'usage', message: /bring the folder to the host/ });
});

test('a file of another kind that is named for an image, and would not be looked at, is refused', async (t) => {
  const layout = `oci:${scratch.path('layout-with-names')}`;
  await copy({ from: archive, to: layout });
  const signatures = [await scratch.write('app.sig', 'any')];
  const refusal = { code: 'usage', message: /app\.sig: is no signature by GPG, the only kind that is named for an image/ };
  await t.throwsAsync(verify({ target: layout, signed: { trust, signatures } }), refusal);
  await t.throwsAsync(copy({ from: layout, to: `oci:${scratch.path('unseen')}`, admission: { trust, signatures } }), refusal);
});

test('nothing gets in without: no signature, a stranger\'s, one for another name or image, a damaged one', async (t) => {
  const storeFolder = scratch.path('empty');
  const lookaside = scratch.path('bad');
  const place = placeOf(lookaside, app.descriptor.digest);
  await mkdir(dirname(place), { recursive: true });
  const admission = { trust, lookaside: [lookaside], at };
  const refused = async (code: string, message: RegExp, from = archive): Promise<void> => {
    const error = await t.throwsAsync(load({ from, storeFolder, admission }), { message });
    t.is((error as { code?: string }).code, code);
    t.deepEqual(await storeEntries(storeFolder), []);
  };
  await refused('signature-missing', /not signed|no signed/);
  await signImageGpg({ location: archive, key: scratch.path('mallory.sec'), output: place, at });
  await refused('signature-untrusted', /not trusted/);
  await signImageGpg({ location: archive, key, output: place, reference: 'app:1.9.7', at });
  await refused('signature-untrusted', /for the name docker\.io\/library\/app:1\.9\.7, not for docker\.io\/library\/app:1\.9\.6/);
  await signImageGpg({ location: `${both}#other:1`, key, output: place, reference: name, at });
  await refused('signature-invalid', /belongs to another image/);
  await writeFile(place, 'none');
  await refused('signature-malformed', /no packet/);
  await writeFile(place, await signMessage(release, { content: Buffer.from('{}'), at }));
  await refused('signature-malformed', /no simple signing document/);
  await writeFile(place, Buffer.alloc(1024 * 1024 + 1));
  await refused('limit-exceeded', /too many/);
  await rm(place);
  await mkdir(place);
  await refused('signature-malformed', /is no file/);
  await rm(place, { recursive: true });
  await signImageGpg({ location: archive, key, lookaside, at });
  await refused('policy-refused', /other:1 is not allowed/, both);
  // One good signature is enough beside a stranger's.
  await copyFile(place, `${place.slice(0, -1)}2`);
  await signImageGpg({ location: archive, key: scratch.path('mallory.sec'), output: place, at });
  await load({ from: archive, storeFolder: scratch.path('good'), admission });
  await t.throwsAsync(load({ from: archive, storeFolder, admission: { ...admission, at: new Date(AT.getTime() - DAY) } }), { code: 'signature-untrusted' }, 'before it was signed');
});

test('an index is signed with everything in it: who pulls one platform checks that', async (t) => {
  const all = index([{ ...app.descriptor, platform: { os: 'linux', architecture: 'amd64' } }, { ...other.descriptor, platform: { os: 'linux', architecture: 'amd64', variant: 'v2' } }], [app, other]);
  const multi = scratch.writeNow('multi.tar', pack(ociParts([named(all, 'docker.io/team/app:2')])));
  const lookaside = scratch.path('multi-sigs');
  const { signed } = await signImageGpg({ location: multi, key, lookaside, at });
  t.deepEqual(signed.map(({ file }) => file), [all, app, other].map(({ descriptor: { digest } }) => placeOf(lookaside, digest, 'team/app')));
  const { ok, findings } = await verify({ target: multi, signed: { trust, lookaside: [lookaside], at } });
  t.true(ok, JSON.stringify(findings.filter(({ status }) => status === 'failed')));
});

test('the policy asks for GPG keys by name or fingerprint, however that is written, and how old a signature may be', async (t) => {
  const lookaside = scratch.path('policy-sigs');
  await signImageGpg({ location: archive, key, lookaside, at });
  const fingerprint = release.getFingerprint();
  const spaced = fingerprint.toUpperCase().replaceAll(/.{4}(?=.)/g, '$& ');
  const tried = async (requirement: object, when = at): Promise<string> => {
    const folder = scratch.path('policy-trust');
    await rm(folder, { recursive: true, force: true });
    const policy = await scratch.write('policy.json', JSON.stringify({ version: 1, default: 'reject', repositories: { 'docker.io/library/*': requirement } }));
    await trustAdd({ folder, files: [scratch.path('release.asc'), scratch.path('mallory.asc'), policy] });
    return load({ from: archive, storeFolder: scratch.path('policy-store'), force: true, admission: { trust: folder, lookaside: [lookaside], at: when } }).then(() => 'in', (error: { code: string }) => error.code);
  };
  for (const who of ['release', fingerprint, fingerprint.toUpperCase(), spaced]) t.is(await tried({ signedBy: [who], formats: ['gpg'], maxAgeDays: 30 }), 'in', who);
  for (const who of ['mallory', 'release@example.org', fingerprint.slice(-16)]) t.is(await tried({ signedBy: [who], formats: ['gpg'] }), 'policy-refused', who);
  t.is(await tried({ formats: ['ssh', 'cosign'] }), 'policy-refused');
  t.is(await tried({ signedBy: ['release', 'mallory'], threshold: 2 }), 'policy-refused');
  t.is(await tried({ maxAgeDays: 30 }, new Date(AT.getTime() + 31 * DAY)), 'policy-refused');
  await signImageGpg({ location: archive, key: scratch.path('mallory.sec'), lookaside, at });
  t.is(await tried({ signedBy: ['release', 'mallory'], threshold: 2 }), 'in');
});

test('a trust folder with GPG keys: what it lists, what it says of them, what it takes', async (t) => {
  const folder = scratch.path('listed');
  const expiring = await makeKey({ keyExpirationTime: 366 * 86_400, userIDs: [{ name: 'Ex', email: 'ex@example.org' }] });
  const weak = await makeKey({ type: 'rsa', rsaBits: 1024, config: { minRSABits: 1024 } });
  await trustAdd({ folder, files: [scratch.path('release.asc'), await scratch.write('ex.gpg', expiring.toPublic().write())] });
  const { entries } = await trustList({ folder });
  t.deepEqual(entries.map(({ path, kind, name: who, fingerprint }) => [path, kind, who, fingerprint]), [
    ['gpg/ex.gpg', 'gpg', 'ex (Ex <ex@example.org>)', expiring.getFingerprint().toUpperCase()],
    ['gpg/release.asc', 'gpg', 'release (release <release@example.org>)', release.getFingerprint().toUpperCase()],
  ]);
  const told = async (when: Date): Promise<string> => (await trustCheck({ folder, at: when })).findings.map(({ status, message }) => `${status} ${message}`).join('\n');
  t.is(await told(new Date(AT.getTime() - 60 * DAY)), '');
  t.regex(await told(at), /^note [0-9A-F]{40} expires on 2026-06-02$/);
  t.regex(await told(new Date(AT.getTime() + 2 * DAY)), /^failed [0-9A-F]{40} expired on 2026-06-02$/);

  const { privateKey: revoked } = await openpgp.revokeKey({ key: expiring, date: at, format: 'object' });
  const newer = await scratch.write('ex.gpg', revoked.toPublic().write());
  await t.throwsAsync(trustAdd({ folder, files: [newer] }), { code: 'file-exists' });
  await trustAdd({ folder, files: [newer], force: true });
  t.regex(await told(at), /^failed [0-9A-F]{40} was revoked$/);
  await trustRemove({ folder, entries: [expiring.getFingerprint().toUpperCase()] });
  t.deepEqual((await trustList({ folder })).entries.map(({ path }) => path), ['gpg/release.asc']);
  await t.throwsAsync(trustAdd({ folder, files: [key] }), { code: 'key-refused', message: /private key/ });
  await t.throwsAsync(trustAdd({ folder, files: [await scratch.write('weak.asc', weak.toPublic().armor())] }), { code: 'key-refused', message: /1024 bits/ });
  await t.throwsAsync(trustAdd({ folder, files: [await scratch.write('cut.gpg', expiring.toPublic().write().subarray(0, 30))] }), { code: 'key-malformed' });
  await t.throwsAsync(verify({ target: archive, signed: { keys: [key] } }), { code: 'key-malformed', message: /private key/ });
});

test('what cannot be signed so, and what is missing', async (t) => {
  const output = scratch.path('never.sig');
  await t.throwsAsync(signImageGpg({ location: archive, key }), { code: 'usage', message: /--lookaside DIR/ });
  await t.throwsAsync(signImageGpg({ location: both, key, output, at }), { code: 'usage', message: /one file holds one signature/ });
  await t.throwsAsync(signImageGpg({ location: both, key, output, reference: 'x:1', at }), { code: 'usage' });
  const nameless = scratch.writeNow('nameless.tar', pack(hybridParts([named(app)])));
  await t.throwsAsync(signImageGpg({ location: nameless, key, output, at }), { code: 'usage', message: /--reference NAME/ });
  await signImageGpg({ location: nameless, key, output, reference: 'app:1.9.6', at });
  t.true((await readFile(output)).length > 0);
  const exposed = scratch.path('exposed.sec');
  await copyFile(key, exposed);
  await chmod(exposed, 0o644);
  await t.throwsAsync(signImageGpg({ location: archive, key: exposed, output, at }), { code: 'key-exposed' });
  const storeFolder = scratch.path('unsigned');
  await copy({ from: archive, to: 'store:', storeFolder });
  await t.throwsAsync(signImageGpg({ location: 'store:nobody:1', storeFolder, key, output, at }), { code: 'image-not-found' });
});
