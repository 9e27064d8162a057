import { readFile, writeFile } from 'node:fs/promises';
import test from 'ava';
import { createWorkspace, type Workspace } from '../helpers/imgkit.js';
import { runOrThrow } from '../helpers/run.js';

/** Key, certificate and chain out of one file, as openssl packs them; the signature is checked by openssl. */
let work: Workspace;
const openssl = (...args: readonly string[]): Promise<string> => runOrThrow('openssl', args, { cwd: work.folder });

test.before(async () => {
  work = await createWorkspace();
  await writeFile(work.path('file'), 'content\n');
  for (const [name, text] of [['pw', 'p w'], ['wrong', 'nothing']] as const) await writeFile(work.path(name), `${text}\n`, { mode: 0o600 });
  await work.ok(['keygen', '--type', 'x509', '--new-ca', '--name', 'ca', '--subject', 'CN=CA', '-o', '.']);
  await work.ok(['keygen', '--type', 'x509', '--name', 'ec', '--ca', 'ca.crt', '--ca-key', 'ca.key', '--subject', 'CN=Release', '-o', '.']);
  await writeFile(work.path('ext'), 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning,emailProtection\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n');
  await openssl('req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'rsa.key', '-out', 'rsa.csr', '-subj', '/CN=Release RSA');
  await openssl('x509', '-req', '-in', 'rsa.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '30', '-extfile', 'ext', '-out', 'rsa.crt');
});
test.after.always(() => work?.remove());

const pack = async (out: string, key: string, ...more: readonly string[]): Promise<void> => {
  await openssl('pkcs12', '-export', '-inkey', `${key}.key`, '-in', `${key}.crt`, '-certfile', 'ca.crt', '-passout', 'file:pw', '-out', out, ...more);
  await runOrThrow('chmod', ['600', out], { cwd: work.folder });
};

for (const key of ['ec', 'rsa']) {
  for (const [how, ...more] of [['modern'], ['legacy', '-legacy'], ['many iterations', '-iter', '100000'], ['no MAC', '-nomac']] as const) {
    test.serial(`${key}, ${how}: signs with what is in it, and openssl verifies`, async (t) => {
      const file = `${key}-${how.replace(' ', '-')}.p12`;
      await pack(file, key, ...more);
      await runOrThrow('rm', ['-f', 'file.sha256', 'file.sha256.p7s'], { cwd: work.folder });
      await work.ok(['sign', 'file', '--key', file, '--passphrase-file', 'pw']);
      await openssl('cms', '-verify', '-binary', '-inform', 'DER', '-in', 'file.sha256.p7s', '-content', 'file.sha256', '-CAfile', 'ca.crt', '-out', 'verified');
      t.deepEqual(await readFile(work.path('verified')), await readFile(work.path('file.sha256')));
      const report = await work.imgkit(['verify', './file', '--cert', 'ca.crt', '--json']);
      t.like(JSON.parse(report.stdout), { signatures: [{ format: 'cms' }] });
      const wrong = await work.imgkit(['sign', 'file', '--key', file, '--passphrase-file', 'wrong']);
      t.not(wrong.code, 0);
      t.regex(wrong.stderr, /does not open it/);
    });
  }
}

test.serial('weak, costly, incomplete and damaged files are refused before anything is signed', async (t) => {
  const refuse = async (file: string, says: RegExp): Promise<void> => {
    const { code, stderr } = await work.imgkit(['sign', 'file', '--statement', 'never', '--key', file, '--passphrase-file', 'pw']);
    t.not(code, 0, file);
    t.regex(stderr, says, file);
  };
  await pack('once.p12', 'ec', '-noiter', '-nomaciter');
  await refuse('once.p12', /stretches its passphrase 1 times/);
  await pack('ok.p12', 'ec');
  const bytes = await readFile(work.path('ok.p12'));
  await writeFile(work.path('short.p12'), bytes.subarray(0, bytes.length - 10), { mode: 0o600 });
  await refuse('short.p12', /is no PKCS#12 file|damaged/);
  await openssl('pkcs12', '-export', '-nokeys', '-in', 'ca.crt', '-passout', 'file:pw', '-out', 'nokey.p12');
  await runOrThrow('chmod', ['600', 'nokey.p12'], { cwd: work.folder });
  await refuse('nokey.p12', /holds 0 private keys/);
  await pack('costly.p12', 'ec', '-iter', '1000001');
  await refuse('costly.p12', /stretches its passphrase 1000001 times/);
  await runOrThrow('chmod', ['644', 'ok.p12'], { cwd: work.folder });
  await refuse('ok.p12', /chmod 600/);
});
