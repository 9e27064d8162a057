import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { openPool } from '../../../src/operations/open-pool.js';
import { proveStream } from '../../../src/operations/trust/prove-stream.js';
import { readSidecars } from '../../../src/operations/trust/find-sidecars.js';
import { signFiles } from '../../../src/operations/trust/sign-files.js';
import { verifySignedEntry, verifySignedFile, type SignedFile } from '../../../src/operations/trust/verify-signed-file.js';
import { createCosignSigner } from '../../../src/crypto/sign/cosign-signer.js';
import { createSshSigner } from '../../../src/crypto/sign/ssh-signer.js';
import { sshPublicKeyOf } from '../../../src/crypto/keys/ssh-public-of.js';
import { formatSshPublicLine } from '../../../src/crypto/keys/ssh-public-line.js';
import { emptyTrust, type Trust } from '../../../src/crypto/trust/trust.js';
import { collect, inPieces, rejectsWith, sameBytes } from '../../content/bytes.js';
import { codeOf, flips } from '../../crypto/sign/flips.js';
import { makeScratch } from '../../helpers/scratch.js';

const scratch = makeScratch();
const pool = openPool();
test.after.always(async () => {
  await pool.close();
  scratch.remove();
});

const ssh = generateKeyPairSync('ed25519');
const cosign = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const sshKey = sshPublicKeyOf(ssh.privateKey, 'ssh');
const sshSigner = createSshSigner(sshKey, ssh.privateKey, 'ssh');
const cosignSigner = createCosignSigner(cosign.privateKey, 'cosign');
const sshTrust: Trust = { ...emptyTrust(), allowedSigners: [{ name: 'signers', bytes: Buffer.from(`me ${formatSshPublicLine(sshKey.type, sshKey.blob, '')}\n`) }] };
const cosignTrust: Trust = { ...emptyTrust(), cosign: [{ name: 'ship.pub', bytes: Buffer.from(cosign.publicKey.export({ format: 'pem', type: 'spki' })) }] };

let folders = 0;
/** A folder with two signed files. */
async function delivery(): Promise<{ readonly a: string; readonly b: string; path(name: string): string }> {
  folders += 1;
  const folder = join(scratch.folder, `${folders}`);
  await mkdir(folder);
  const at = (name: string): string => join(folder, name);
  for (const name of ['a.tar', 'b.tar']) {
    await writeFile(at(name), `content of ${name}`);
    await signFiles({ files: [at(name)], signer: sshSigner, pool });
  }
  return { a: at('a.tar'), b: at('b.tar'), path: at };
}

async function check(file: string, trust: Trust = sshTrust, more: { readonly statement?: string; readonly signatures?: readonly string[] } = {}): Promise<SignedFile> {
  return await verifySignedFile({ file, pool, trust, ...(await readSidecars({ file, ...more })) });
}

test('a signed file verifies, with digest and size', async (t) => {
  const { a } = await delivery();
  const found = await check(a);
  t.is(found.size, 16);
  t.is(found.digest, `sha256:${createHash('sha256').update('content of a.tar').digest('hex')}`);
  t.deepEqual(found.signatures.map(({ format, identity }) => ({ format, identity })), [{ format: 'ssh', identity: 'me' }]);
});

test('a changed, grown, cut or exchanged file is refused', async (t) => {
  const { a, b } = await delivery();
  for (const content of ['Content of a.tar', 'content of a.tar!', 'content of a.ta', '', 'content of b.tar']) {
    await writeFile(a, content);
    await rejectsWith(t, 'signature-invalid', check(a), JSON.stringify(content));
  }
  await rename(b, a);
  await rejectsWith(t, 'signature-invalid', check(a));
});

test('statements and signatures that are mixed and matched are refused', async (t) => {
  const { a, b, path } = await delivery();
  const one = { statement: `${a}.sha256`, signatures: [`${b}.sha256.sig`] };
  await rejectsWith(t, 'signature-invalid', check(a, sshTrust, one));
  // The whole of the other file's papers: signed, and about something else.
  t.regex((await rejectsWith(t, 'signature-invalid', check(a, sshTrust, { statement: `${b}.sha256` }))).message, /about other files \(b\.tar\)/);
  // A right one beside a wrong one: somebody changed something.
  await rejectsWith(t, 'signature-invalid', check(a, sshTrust, { signatures: [`${a}.sha256.sig`, `${b}.sha256.sig`] }));
  await rejectsWith(t, 'signature-invalid', check(a, sshTrust, { signatures: [`${b}.sha256.sig`, `${a}.sha256.sig`] }));
  // The file under another name.
  await rename(a, path('c.tar'));
  await rejectsWith(t, 'signature-invalid', check(path('c.tar'), sshTrust, { statement: `${a}.sha256` }));
});

test('no changed bit of a statement is believed, whatever it would mean, and none that is cut at a line', async (t) => {
  const { a, b, path } = await delivery();
  await signFiles({ files: [a, b], statement: path('SUMS'), signer: sshSigner, pool });
  const { statement, signatures } = await readSidecars({ file: a, statement: path('SUMS') });
  const entry = (bytes: Uint8Array): Promise<unknown> => verifySignedEntry({ statement: { ...statement, bytes }, signatures, trust: sshTrust, name: 'a.tar' });
  await entry(statement.bytes);
  for (const { bit, flipped } of flips(statement.bytes)) t.is(await codeOf(entry(flipped)), 'signature-invalid', `bit ${bit}`);
  const text = Buffer.from(statement.bytes).toString();
  const lines = text.split('\n').slice(0, -1).map((line) => `${line}\n`);
  for (const other of ['', ...lines.map((_, i) => lines.toSpliced(i, 1).join('')), lines.toReversed().join(''), text + lines[1], text.replaceAll('\n', '\r\n'), text.trimEnd(), `${text}\n`]) {
    await rejectsWith(t, 'signature-invalid', entry(Buffer.from(other)), JSON.stringify(other));
  }
});

test('a pipe beside a file is no statement, and nobody waits for it', async (t) => {
  const { a } = await delivery();
  for (const path of [`${a}.sha256.minisig`, `${a}.sha256`]) {
    await rm(path, { force: true });
    execFileSync('mkfifo', [path]);
    await rejectsWith(t, 'signature-malformed', check(a));
  }
});

test('what is not there: no statement, no signature, nobody to trust', async (t) => {
  const { a, b } = await delivery();
  await rejectsWith(t, 'signature-untrusted', check(a, cosignTrust));
  await rejectsWith(t, 'signature-untrusted', check(a, emptyTrust()));
  await rm(`${a}.sha256.sig`);
  await rejectsWith(t, 'signature-missing', check(a));
  await rejectsWith(t, 'signature-missing', verifySignedFile({ file: a, pool, trust: sshTrust, statement: { name: 's', bytes: await readFile(`${a}.sha256`) }, signatures: [] }));
  await rm(`${b}.sha256`);
  await rejectsWith(t, 'signature-missing', check(b));
  await rejectsWith(t, 'file-not-found', check(a, sshTrust, { signatures: [`${a}.nothing`] }));
  await writeFile(`${a}.odd`, 'what is this\n');
  await rejectsWith(t, 'signature-malformed', check(a, sshTrust, { signatures: [`${a}.odd`] }));
});

test('what is a signature of another kind is told as that', async (t) => {
  const { a } = await delivery();
  const says = async (bytes: Uint8Array | string): Promise<string> => {
    await writeFile(`${a}.sha256.minisig`, bytes);
    return (await rejectsWith(t, 'signature-malformed', check(a))).message;
  };
  for (const gpg of [Uint8Array.of(0x89, 0x01, 0x33, 0x04), Uint8Array.of(0xc2, 0xc0, 0x73, 0x04), '-----BEGIN PGP SIGNATURE-----\n']) t.regex(await says(gpg), /is a signature of GPG, and those count for images/);
  t.regex(await says('MIME-Version: 1.0\nContent-Type: multipart/signed\n'), /is a mail \(S\/MIME\).*openssl cms -sign -binary -outform DER/);
  t.regex(await says(Uint8Array.of(0xff, 0xfe, 0x01)), /is no signature of SSH/);
});

test('several signatures: one trusted is enough, the others are noted', async (t) => {
  const { a } = await delivery();
  const again = await signFiles({ files: [a], signer: cosignSigner, pool });
  t.true(again.kept);
  for (const [trust, format] of [[sshTrust, 'ssh'], [cosignTrust, 'cosign']] as const) {
    const found = await check(a, trust);
    t.deepEqual(found.signatures.map((each) => each.format), [format]);
    t.is(found.notes.length, 1);
  }
  const both = await check(a, { ...sshTrust, cosign: cosignTrust.cosign });
  t.deepEqual(both.signatures.map((each) => each.format), ['ssh', 'cosign']);
  t.deepEqual(both.notes, []);
  const error = await rejectsWith(t, 'signature-untrusted', check(a, emptyTrust()));
  t.regex(error.message, /none of its 2 signatures/);
});

test('an unsigned line is believed from nobody: the statement is read only after its signature', async (t) => {
  const { a } = await delivery();
  await writeFile(`${a}.sha256`, 'no statement\n');
  await rejectsWith(t, 'signature-invalid', check(a));
  // Signed nonsense is malformed.
  await writeFile(`${a}.sha256.sig`, await sshSigner.sign(Buffer.from('no statement\n')));
  await rejectsWith(t, 'statement-malformed', check(a));
  const twice = `${'a'.repeat(64)}  a.tar\n${createHash('sha256').update('content of a.tar').digest('hex')}  a.tar\n`;
  await writeFile(`${a}.sha256`, twice);
  await writeFile(`${a}.sha256.sig`, await sshSigner.sign(Buffer.from(twice)));
  await rejectsWith(t, 'statement-malformed', check(a));
});

test('signing never vouches for what it did not see', async (t) => {
  const { a, b, path } = await delivery();
  const statement = path('SUMS');
  const made = await signFiles({ files: [a, b], statement, signer: sshSigner, pool });
  t.deepEqual(made.entries.map(({ name }) => name), ['a.tar', 'b.tar']);
  t.is((await check(b, sshTrust, { statement })).size, 16);
  // The same again is fine, less or more is not.
  t.true((await signFiles({ files: [b, a], statement, signer: cosignSigner, pool })).kept);
  t.regex((await rejectsWith(t, 'file-exists', signFiles({ files: [a], statement, signer: sshSigner, pool }))).message, /"b\.tar" too/);
  await writeFile(path('c.tar'), 'c');
  t.regex((await rejectsWith(t, 'file-exists', signFiles({ files: [a, b, path('c.tar')], statement, signer: sshSigner, pool }))).message, /nothing about "c\.tar"/);
  const before = await readFile(`${a}.sha256.sig`);
  await writeFile(a, 'changed');
  t.regex((await rejectsWith(t, 'file-exists', signFiles({ files: [a], signer: sshSigner, pool }))).message, /something else about "a\.tar"/);
  t.deepEqual(await readFile(`${a}.sha256.sig`), before);
  t.deepEqual((await scratch.tree(`${folders}`)).filter((name) => name.includes('.part')), []);
});

test('files in several folders, or with names that no statement holds, are refused', async (t) => {
  const { a, path } = await delivery();
  await mkdir(path('deeper'));
  await writeFile(path('deeper/d.tar'), 'd');
  await rejectsWith(t, 'usage', signFiles({ files: [a, path('deeper/d.tar')], statement: path('SUMS'), signer: sshSigner, pool }));
  await rejectsWith(t, 'usage', signFiles({ files: [a, path('b.tar')], signer: sshSigner, pool }));
  await writeFile(path('new\nline'), 'x');
  await rejectsWith(t, 'usage', signFiles({ files: [path('new\nline')], signer: sshSigner, pool }));
  await rejectsWith(t, 'file-not-found', signFiles({ files: [path('gone')], signer: sshSigner, pool }));
});

test('a file of any size at the borders of chunks is signed and verified', async (t) => {
  const { path } = await delivery();
  for (const size of [0, 1, 65_535, 65_536, 65_537, 5 * 1024 * 1024 + 1]) {
    const file = path(`${size}.bin`);
    await writeFile(file, Buffer.alloc(size, 7));
    await signFiles({ files: [file], signer: sshSigner, pool });
    t.is((await check(file)).size, size);
  }
});

test('a stream is compared on its way, whole and byte by byte, and fails before its end', async (t) => {
  const { a } = await delivery();
  const { entry } = await verifySignedEntry({ ...(await readSidecars({ file: a })), trust: sshTrust, name: 'a.tar' });
  const content = Buffer.from('content of a.tar');
  for (const size of [1, 3, content.length]) {
    sameBytes(t, await collect(proveStream(entry, inPieces(content, size), a)), content);
    for (const other of ['Content of a.tar', 'content of a.ta', 'content of a.tar!', '']) {
      await rejectsWith(t, 'signature-invalid', collect(proveStream(entry, inPieces(Buffer.from(other), size), a)), other);
    }
  }
  // Endless input ends at the first byte too many.
  let given = 0;
  const endless = async function* (): AsyncGenerator<Uint8Array> {
    for (;;) yield Buffer.alloc((given += 1) && 8);
  };
  await rejectsWith(t, 'signature-invalid', collect(proveStream(entry, endless(), a)));
  t.is(given, 3);
});

test('work stops when it is told to', async (t) => {
  const { a } = await delivery();
  const signal = AbortSignal.abort();
  await rejectsWith(t, 'interrupted', verifySignedFile({ file: a, pool, trust: sshTrust, signal, ...(await readSidecars({ file: a })) }));
  await rejectsWith(t, 'interrupted', readSidecars({ file: a }, signal));
});
