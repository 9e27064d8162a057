import { mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { readTrustFolder } from '../../../src/crypto/trust/read-trust-folder.js';
import { formatTrustManifest } from '../../../src/crypto/trust/trust-manifest.js';
import { emptyTrust } from '../../../src/crypto/trust/trust.js';
import { writeTrustFolder } from '../../../src/crypto/trust/write-trust-folder.js';
import { SIGNING_LIMITS, TRUST_LIMITS } from '../../../src/limits.js';
import { keygen, sign } from '../../../src/index.js';
import { addToTrust } from '../../../src/operations/trust/change-trust.js';
import { updateTrust } from '../../../src/operations/trust/update-trust.js';
import { verifyStatement } from '../../../src/operations/trust/verify-statement.js';
import { rejectsWith } from '../../content/bytes.js';
import { tempFolder } from '../../content/temp.js';

test('a trust folder of more files, or a larger one, than any has', async (t) => {
  const folder = await tempFolder(t);
  await mkdir(join(folder, 'minisign'));
  await writeFile(join(folder, 'minisign', 'large.pub'), '');
  await truncate(join(folder, 'minisign', 'large.pub'), TRUST_LIMITS.fileBytes + 1);
  t.regex((await rejectsWith(t, 'limit-exceeded', readTrustFolder(folder))).message, /too many bytes \(minisign\/large\.pub\)/);
  await truncate(join(folder, 'minisign', 'large.pub'), 0);
  for (let i = 0; i < TRUST_LIMITS.files; i++) await writeFile(join(folder, 'minisign', `${i}.pub`), '');
  t.regex((await rejectsWith(t, 'limit-exceeded', readTrustFolder(folder))).message, /more than 2000 files/);
});

test('a key or a tar where a trust folder belongs', async (t) => {
  const file = join(await tempFolder(t), 'release.pub');
  await writeFile(file, '');
  t.regex((await rejectsWith(t, 'io-failed', readTrustFolder(file))).message, /release\.pub: is no folder, and a trust is one; .*--key/);
});

test('names that lead out of the folder are not written, whoever let them in', async (t) => {
  const folder = await tempFolder(t);
  for (const path of ['../out', 'roots/../../out', './x', 'roots//x', '/out']) await rejectsWith(t, 'document-malformed', writeTrustFolder(join(folder, 'trust'), new Map([[path, Buffer.from('x')]])), path);
  t.deepEqual(await readdir(folder), []);
});

test('an update with a key that cannot be read changes nothing, though its owner signed it', async (t) => {
  const folder = await tempFolder(t);
  const path = (...names: readonly string[]): string => join(folder, ...names);
  await keygen({ type: 'ssh', folder: path('keys') });
  const owner = { name: 'ssh.pub', bytes: await readFile(path('keys', 'ssh.pub')) };
  const newer = path('newer');
  await addToTrust(newer, [owner], { asOwner: true, identity: 'owner@acme.example' });
  const files = new Map([['owners/allowed_signers', await readFile(join(newer, 'owners', 'allowed_signers'))], ['cosign/broken.pub', Buffer.from('no key')]]);
  await mkdir(join(newer, 'cosign'));
  await writeFile(join(newer, 'cosign', 'broken.pub'), 'no key');
  await writeFile(join(newer, 'trust.json'), formatTrustManifest(files, { version: 2, created: new Date(), revocation: 'if-present' }));
  await sign({ files: [join(newer, 'trust.json')], key: path('keys', 'ssh') });
  t.regex((await rejectsWith(t, 'key-malformed', updateTrust(path('trust'), newer))).message, /broken\.pub/);
  t.false((await readdir(folder)).includes('trust'));
});

test('more signatures than are looked at', async (t) => {
  const signatures = Array.from({ length: SIGNING_LIMITS.signatures + 1 }, (_, i) => ({ name: `s${i}`, bytes: Buffer.from('x') }));
  await rejectsWith(t, 'limit-exceeded', verifyStatement({ statement: { name: 's', bytes: Buffer.from('x') }, signatures, trust: emptyTrust() }));
});
