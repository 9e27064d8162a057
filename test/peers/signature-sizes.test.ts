import { readFile, rm, writeFile } from 'node:fs/promises';
import test from 'ava';
import { sign, verifySignature } from '../../src/index.js';
import { runOrThrow, type RunOptions } from '../helpers/run.js';
import { makeScratch } from '../helpers/scratch.js';

/** Files at the borders of blocks, and a large one: signed here and checked with the standard tools, and the other way, in every format. */
const scratch = makeScratch();
const tool = (command: string, args: readonly string[], options: RunOptions = {}): Promise<string> => runOrThrow(command, args, { cwd: scratch.folder, ...options });
const openssl = (...args: readonly string[]): Promise<string> => tool('openssl', args);
const NAMESPACE = 'imgkit-archive';
const SIGNATURES = ['.sig', '.minisig', '.p7s', '.sigstore.json'];
const path = (name: string): string => scratch.path(name);
const secret = (name: string, text: string): Promise<void> => writeFile(path(name), text, { mode: 0o600 });

test.before(async () => {
  await tool('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'ssh', '-f', 'ssh']);
  await writeFile(path('signers'), `me ${await readFile(path('ssh.pub'), 'utf8')}`);
  await tool('minisign', ['-G', '-W', '-p', 'mini.pub', '-s', 'mini.key']);
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'] as const;
  await openssl('req', '-x509', ...ec, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=CA', '-days', '30');
  await writeFile(path('ext'), 'basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning,emailProtection\n');
  await openssl('req', '-new', ...ec, '-keyout', 'x509.key', '-out', 'x509.csr', '-subj', '/CN=Release');
  await openssl('x509', '-req', '-in', 'x509.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '30', '-extfile', 'ext', '-out', 'x509.crt');
  await openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', 'cosign.key');
  await openssl('pkey', '-in', 'cosign.key', '-pubout', '-out', 'cosign.pub');
  for (const name of ['mini.key', 'x509.key', 'cosign.key']) await secret(name, await readFile(path(name), 'utf8'));
});
test.after.always(() => scratch.remove());

for (const size of [0, 1, 65_535, 65_536, 65_537, 200_000_000]) {
  test.serial(`${size} bytes, in every format, both ways`, async (t) => {
    const file = `size-${size}`;
    const statement = `${file}.sha256`;
    await writeFile(path(file), Buffer.alloc(size, 'imgkit 0123456789'));
    const files = [path(file)];
    await sign({ files, key: path('ssh') });
    await sign({ files, key: path('mini.key') });
    await sign({ files, key: path('x509.key'), certificate: path('x509.crt') });
    await sign({ files, key: path('cosign.key'), format: 'cosign' });

    t.is(await tool('sha256sum', ['-c', '--strict', statement]), `${file}: OK\n`);
    await tool('ssh-keygen', ['-Y', 'verify', '-n', NAMESPACE, '-f', 'signers', '-I', 'me', '-s', `${statement}.sig`], { input: await readFile(path(statement)) });
    await tool('minisign', ['-V', '-q', '-p', 'mini.pub', '-m', statement]);
    await openssl('cms', '-verify', '-binary', '-inform', 'DER', '-in', `${statement}.p7s`, '-content', statement, '-CAfile', 'ca.crt', '-out', 'verified');
    const bundle = JSON.parse(await readFile(path(`${statement}.sigstore.json`), 'utf8')) as { readonly messageSignature: { readonly signature: string } };
    await writeFile(path('cosign.der'), Buffer.from(bundle.messageSignature.signature, 'base64'));
    t.regex(await openssl('dgst', '-sha256', '-verify', 'cosign.pub', '-signature', 'cosign.der', statement), /Verified OK/);

    for (const suffix of ['', ...SIGNATURES]) await rm(path(`${statement}${suffix}`));
    await writeFile(path(statement), await tool('sha256sum', [file]));
    await tool('ssh-keygen', ['-q', '-Y', 'sign', '-n', NAMESPACE, '-f', 'ssh', statement]);
    await tool('minisign', ['-S', '-s', 'mini.key', '-m', statement]);
    await openssl('cms', '-sign', '-binary', '-in', statement, '-outform', 'DER', '-signer', 'x509.crt', '-inkey', 'x509.key', '-out', `${statement}.p7s`);
    await openssl('dgst', '-sha256', '-sign', 'cosign.key', '-out', 'cosign.der', statement);
    await writeFile(path(`${statement}.sigstore.json`), (await readFile(path('cosign.der'))).toString('base64'));
    const found = await verifySignature({ file: path(file), keys: ['ssh.pub', 'mini.pub', 'cosign.pub'].map(path), certificates: [path('ca.crt')] });
    t.deepEqual([found.size, found.signatures.map(({ format }) => format).toSorted()], [size, ['cms', 'cosign', 'minisign', 'ssh']]);
    await rm(path(file));
  });
}
