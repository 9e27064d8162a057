import { generateKeyPairSync, sign as signBytes, createHash } from 'node:crypto';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import test from 'ava';
import { sshString, sshUint32 } from '../../src/crypto/keys/ssh-wire.js';
import { emptyTrust } from '../../src/crypto/trust/trust.js';
import { verifySsh } from '../../src/crypto/sign/verify-ssh.js';
import { ImgkitError } from '../../src/errors.js';
import { encodeSshsig, sshsigMessage } from '../../src/crypto/sign/sshsig.js';
import { createWorkspace, type Workspace } from '../helpers/imgkit.js';
import { run, runOrThrow, type RunOptions } from '../helpers/run.js';

/** Detached signatures against the tools that receivers have: ssh-keygen, minisign, openssl, sha256sum. */
const NAMESPACE = 'imgkit-archive';
const PASSPHRASE = 'correct horse';

interface Verified {
  readonly ok: boolean;
  readonly signatures: readonly { readonly format: string; readonly identity: string; readonly keyId: string }[];
}

let work: Workspace;
/** A tool in the workspace; its stdout. */
const tool = (command: string, args: readonly string[], options: RunOptions = {}): Promise<string> => runOrThrow(command, args, { cwd: work.folder, ...options });
const exitOf = async (command: string, args: readonly string[], options: RunOptions = {}): Promise<number> => (await run(command, args, { cwd: work.folder, ...options })).code;
const read = (name: string): Promise<Buffer> => readFile(work.path(name));
const write = (name: string, text: string | Uint8Array): Promise<void> => writeFile(work.path(name), text, { mode: 0o600 });

test.before(async () => {
  work = await createWorkspace();
  const image = await import('../../samples/make-image.js');
  await image.makeImage({ output: work.path('app.tar') });
  await write('passphrase', `${PASSPHRASE}\n`);
  for (const [name, type, bits] of [['ed25519', 'ed25519', ''], ['p256', 'ecdsa', '256'], ['p384', 'ecdsa', '384'], ['p521', 'ecdsa', '521'], ['rsa', 'rsa', '2048']] as const) {
    await tool('ssh-keygen', ['-q', '-t', type, ...(bits === '' ? [] : ['-b', bits]), '-N', '', '-C', name, '-f', name]);
    await tool('ssh-keygen', ['-q', '-t', type, ...(bits === '' ? [] : ['-b', bits]), '-N', PASSPHRASE, '-a', '4', '-C', name, '-f', `${name}-locked`]);
  }
});
test.after.always(() => work?.remove());
test.beforeEach(async () => {
  for (const suffix of ['', '.sig', '.minisig', '.sigstore.json', '.p7s']) await rm(work.path(`app.tar.sha256${suffix}`), { force: true });
});

const sshVerifies = async (signers: string, principal: string, ...more: readonly string[]): Promise<number> => {
  await write('signers', signers);
  return await exitOf('ssh-keygen', ['-Y', 'verify', '-n', NAMESPACE, '-f', 'signers', '-I', principal, '-s', 'app.tar.sha256.sig', ...more], { input: await read('app.tar.sha256') });
};
const publicKey = async (name: string): Promise<string> => (await read(`${name}.pub`)).toString().split(' ').slice(0, 2).join(' ');

for (const type of ['ed25519', 'p256', 'p384', 'p521', 'rsa']) {
  for (const name of [type, `${type}-locked`]) {
    test.serial(`ssh-keygen verifies what we sign with its key ${name}, and we what it signs`, async (t) => {
      await work.ok(['sign', 'app.tar', '--key', name, ...(name === type ? [] : ['--passphrase-file', 'passphrase'])]);
      const signers = `release@example.org ${await publicKey(name)}\n`;
      t.is(await sshVerifies(signers, 'release@example.org'), 0);
      t.not(await sshVerifies(signers, 'other@example.org'), 0);
      await tool('sha256sum', ['-c', '--strict', 'app.tar.sha256']);

      await rm(work.path('app.tar.sha256.sig'));
      if (name === type) {
        await tool('ssh-keygen', ['-q', '-Y', 'sign', '-n', NAMESPACE, '-f', name, 'app.tar.sha256']);
        const { signatures } = await work.json<Verified>(['verify', './app.tar', '--allowed-signers', 'signers', '--identity', 'release@example.org']);
        t.deepEqual(signatures.map(({ format, identity }) => ({ format, identity })), [{ format: 'ssh', identity: 'release@example.org' }]);
        t.is(signatures[0]?.keyId, (await tool('ssh-keygen', ['-lf', name])).split(' ')[1]);
      }
    });
  }
}

for (const cipher of ['aes128-ctr', 'aes256-cbc', 'aes256-gcm@openssh.com']) {
  test.serial(`we open a key that ssh-keygen encrypted with ${cipher}`, async (t) => {
    await rm(work.path('other'), { force: true });
    await tool('ssh-keygen', ['-q', '-t', 'ed25519', '-N', PASSPHRASE, '-a', '4', '-Z', cipher, '-f', 'other']);
    await work.ok(['sign', 'app.tar', '--key', 'other', '--passphrase-file', 'passphrase']);
    t.is(await sshVerifies(`me ${await publicKey('other')}\n`, 'me'), 0);
  });
}

test.serial('keys of ours are keys of ssh-keygen', async (t) => {
  await work.ok(['keygen', '--type', 'ssh', '--name', 'open', '--comment', 'me@example.org', '-o', 'keys']);
  await work.ok(['keygen', '--type', 'ssh', '--name', 'locked', '--passphrase-file', 'passphrase', '-o', 'keys']);
  t.is(await tool('ssh-keygen', ['-y', '-f', 'keys/open']), (await read('keys/open.pub')).toString());
  t.is((await tool('ssh-keygen', ['-y', '-P', PASSPHRASE, '-f', 'keys/locked'])).trim(), (await read('keys/locked.pub')).toString().trim());
  t.not(await exitOf('ssh-keygen', ['-y', '-P', 'wrong', '-f', 'keys/locked']), 0);
  await tool('ssh-keygen', ['-q', '-Y', 'sign', '-n', NAMESPACE, '-f', 'keys/open', 'app.tar']);
});

test.serial('a key in the agent signs, named by its public half', async (t) => {
  const started = await tool('ssh-agent', ['-s']);
  const env = { SSH_AUTH_SOCK: /SSH_AUTH_SOCK=([^;]+)/.exec(started)?.[1], SSH_AGENT_PID: /SSH_AGENT_PID=(\d+)/.exec(started)?.[1] };
  try {
    await tool('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', 'held']);
    await tool('ssh-add', ['-q', 'held'], { env });
    await rm(work.path('held'));
    await work.ok(['sign', 'app.tar', '--key', 'held.pub'], { env });
    t.is(await sshVerifies(`me ${await publicKey('held')}\n`, 'me'), 0);
    const { code, stderr } = await work.imgkit(['sign', 'app.tar', '--key', 'held.pub'], { env: { SSH_AUTH_SOCK: undefined } });
    t.is(code, 4);
    t.regex(stderr, /held\.pub: ssh-keygen cannot sign with it/);
  } finally {
    await tool('ssh-agent', ['-k'], { env });
  }
});

/** Each list must make ssh-keygen and us decide alike. `KEY` stands for the signer's key. */
const LISTS: readonly (readonly [text: string, principal: string, good: boolean])[] = [
  ['me KEY', 'me', true],
  ['# about\n\n  me KEY and a comment', 'me', true],
  ['you KEY\nme KEY', 'me', true],
  ['you,me KEY', 'me', true],
  ['*@example.org KEY', 'release@example.org', true],
  ['*@example.org KEY', 'release@example.com', false],
  ['r?lease@* KEY', 'release@example.com', true],
  ['*,!release@example.org KEY', 'release@example.org', false],
  ['!release@example.org,* KEY', 'release@example.org', false],
  ['"me" KEY', 'me', true],
  ['me namespaces="imgkit-archive" KEY', 'me', true],
  ['me namespaces="file,imgkit-*" KEY', 'me', true],
  ['me namespaces="file,git" KEY', 'me', false],
  ['me NAMESPACES="imgkit-archive",valid-after="20200101" KEY', 'me', true],
  ['me cert-authority KEY', 'me', false],
  ['me valid-before="20250101" KEY', 'me', false],
  ['me valid-before="20250101",namespaces="imgkit-archive" KEY\nme KEY', 'me', true],
  ['me valid-before="20260601115959Z" KEY', 'me', false],
  ['me valid-before="20260601120000Z" KEY', 'me', true],
  ['me valid-after="20260601120000Z" KEY', 'me', true],
  ['me valid-after="20260601120001Z" KEY', 'me', false],
  ['me valid-after="202606011200" KEY', 'me', true],
  ['me valid-after="202606011201" KEY', 'me', false],
  ['me valid-after="20260601",valid-before="20260602Z" KEY', 'me', true],
  ['me valid-after="20260631" KEY', 'me', false],
  ['me nonsense="x" KEY', 'me', false],
  ['me KEYx', 'me', false],
  ['me OTHER', 'me', false],
];

test.serial('ssh-keygen and we read lists of allowed signers alike', async (t) => {
  await work.ok(['sign', 'app.tar', '--key', 'ed25519']);
  const [key, other] = [await publicKey('ed25519'), await publicKey('p256')];
  // Times without a zone are times of the machine.
  process.env['TZ'] = 'UTC';
  for (const [text, principal, good] of LISTS) {
    await write('list', `${text.replaceAll('KEY', key).replaceAll('OTHER', other)}\n`);
    const theirs = await exitOf('ssh-keygen', ['-Y', 'verify', '-n', NAMESPACE, '-f', 'list', '-I', principal, '-s', 'app.tar.sha256.sig', '-Overify-time=20260601120000Z'], { input: await read('app.tar.sha256') });
    const trust = { ...emptyTrust(new Date('2026-06-01T12:00:00Z')), allowedSigners: [{ name: 'list', bytes: await read('list') }], identity: principal };
    const ours = verifySsh(await read('app.tar.sha256'), await read('app.tar.sha256.sig'), trust, 'app.tar.sha256.sig');
    t.is(theirs === 0, good, `ssh-keygen: ${text}`);
    await (good ? t.notThrowsAsync(ours, text) : t.throwsAsync(ours, { instanceOf: ImgkitError }, text));
  }
});

test.serial('revoked keys are refused, in lists of keys and of ssh-keygen -k', async (t) => {
  await work.ok(['sign', 'app.tar', '--key', 'ed25519']);
  const signers = `me ${await publicKey('ed25519')}\n`;
  await write('keys-list', `# gone\n${await publicKey('p256')} x\n${await publicKey('ed25519')} gone\n`);
  await write('others-list', `${await publicKey('p256')}\n`);
  await tool('ssh-keygen', ['-q', '-k', '-f', 'by-key.krl', 'p256.pub', 'ed25519.pub']);
  await tool('ssh-keygen', ['-q', '-k', '-f', 'others.krl', 'p256.pub']);
  for (const kind of ['sha256', 'sha1']) {
    await write('krl-spec', `${kind}: ${await publicKey('ed25519')}\nserial: 5\n`);
    await tool('ssh-keygen', ['-q', '-k', '-s', 'p256.pub', '-f', `${kind}.krl`, 'krl-spec']);
  }
  for (const [list, revoked] of [['keys-list', true], ['others-list', false], ['by-key.krl', true], ['others.krl', false], ['sha256.krl', true], ['sha1.krl', true]] as const) {
    t.is((await sshVerifies(signers, 'me', '-r', list)) !== 0, revoked, list);
    const { code, stdout, stderr } = await work.imgkit(['verify', './app.tar', '--allowed-signers', 'signers', '--revoked-keys', list]);
    t.is(code, revoked ? 4 : 0, `${list}: ${stdout}${stderr}`);
  }
});

test.serial('we refuse what was signed for something else, or by a weak key', async (t) => {
  await work.ok(['sign', 'app.tar', '--key', 'ed25519']);
  const signWith = async (key: string, namespace: string): Promise<string> => {
    await rm(work.path('app.tar.sha256.sig'), { force: true });
    await tool('ssh-keygen', ['-q', '-Y', 'sign', '-n', namespace, '-f', key, 'app.tar.sha256']);
    await write('signers', `me ${await publicKey(key)}\n`);
    const { code, stdout } = await work.imgkit(['verify', './app.tar', '--allowed-signers', 'signers']);
    t.is(code, 4, stdout);
    return stdout;
  };
  t.regex(await signWith('ed25519', 'file'), /was made for "file"/);
  await tool('ssh-keygen', ['-q', '-t', 'rsa', '-b', '1024', '-N', '', '-f', 'weak']);
  t.regex(await signWith('weak', NAMESPACE), /RSA of 1024 bits is too weak/);
  t.is((await work.imgkit(['sign', 'app.tar', '--key', 'weak'])).code, 4);
});

test.serial('a hardware key: ssh-keygen and we accept the same signatures of a token', async (t) => {
  await work.ok(['sign', 'app.tar', '--key', 'ed25519']);
  const document = await read('app.tar.sha256');
  const sha256 = (bytes: Uint8Array | string): Buffer => createHash('sha256').update(bytes).digest();
  const token = generateKeyPairSync('ed25519');
  const type = 'sk-ssh-ed25519@openssh.com';
  const point = Buffer.from(token.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const blob = Buffer.concat([sshString(type), sshString(point), sshString('ssh:')]);
  const signers = `me ${type} ${blob.toString('base64')}\n`;
  for (const [flags, good] of [[1, true], [0, false]] as const) {
    const state = Buffer.concat([Uint8Array.of(flags), sshUint32(7)]);
    const message = sshsigMessage(document, NAMESPACE, 'sha512');
    const signature = signBytes(null, Buffer.concat([sha256('ssh:'), state, sha256(message)]), token.privateKey);
    await write('app.tar.sha256.sig', encodeSshsig({ publicKey: blob, namespace: NAMESPACE, hash: 'sha512', algorithm: type, signature, tokenState: state }));
    if (good) t.is(await sshVerifies(signers, 'me'), 0);
    await write('signers', signers);
    const { code, stdout } = await work.imgkit(['verify', './app.tar', '--allowed-signers', 'signers']);
    t.is(code, good ? 0 : 4, stdout);
  }
});

test.serial('minisign verifies what we sign, and we what it signs', async (t) => {
  await tool('minisign', ['-G', '-W', '-p', 'mini.pub', '-s', 'mini.key']);
  await chmod(work.path('mini.key'), 0o600);
  await work.ok(['sign', 'app.tar', '--key', 'mini.key']);
  t.regex(await tool('minisign', ['-V', '-p', 'mini.pub', '-m', 'app.tar.sha256', '-x', 'app.tar.sha256.minisig']), /timestamp:\d+\tfile:app\.tar\.sha256\thashed/);
  await rm(work.path('app.tar.sha256.minisig'));
  await tool('minisign', ['-S', '-s', 'mini.key', '-t', 'for the ships', '-m', 'app.tar.sha256']);
  const { signatures } = await work.json<Verified>(['verify', './app.tar', '--minisign', 'mini.pub']);
  t.deepEqual(signatures.map(({ format, identity }) => ({ format, identity })), [{ format: 'minisign', identity: 'mini' }]);
  await rm(work.path('app.tar.sha256.minisig'));
  await tool('minisign', ['-S', '-l', '-s', 'mini.key', '-m', 'app.tar.sha256']);
  const legacy = await work.imgkit(['verify', './app.tar', '--minisign', 'mini.pub']);
  t.is(legacy.code, 4);
  t.regex(legacy.stdout, /of the old kind/);
});

test.serial('minisign signs with an encrypted key of ours', async (t) => {
  await work.ok(['keygen', '--type', 'minisign', '--passphrase-file', 'passphrase', '-o', 'keys']);
  await work.ok(['sign', 'app.tar', '--key', 'keys/minisign.key', '--passphrase-file', 'passphrase']);
  await tool('minisign', ['-V', '-q', '-p', 'keys/minisign.pub', '-m', 'app.tar.sha256']);
  await rm(work.path('app.tar.sha256.minisig'));
  await tool('minisign', ['-S', '-s', 'keys/minisign.key', '-m', 'app.tar.sha256'], { input: `${PASSPHRASE}\n` });
  t.is((await work.imgkit(['verify', './app.tar', '--key', 'keys/minisign.pub'])).code, 0);
});

test.serial('openssl verifies our cosign signatures, and we the ones that openssl makes', async (t) => {
  await work.ok(['keygen', '--type', 'cosign', '--passphrase-file', 'passphrase', '-o', 'keys']);
  await work.ok(['sign', 'app.tar', '--key', 'keys/cosign.key', '--passphrase-file', 'passphrase']);
  const bundle = JSON.parse((await read('app.tar.sha256.sigstore.json')).toString()) as { readonly messageSignature: { readonly signature: string } };
  await write('signature.der', Buffer.from(bundle.messageSignature.signature, 'base64'));
  t.regex(await tool('openssl', ['dgst', '-sha256', '-verify', 'keys/cosign.pub', '-signature', 'signature.der', 'app.tar.sha256']), /Verified OK/);

  await tool('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'ec.pem']);
  await tool('openssl', ['pkey', '-in', 'ec.pem', '-pubout', '-out', 'ec.pub']);
  await tool('openssl', ['dgst', '-sha256', '-sign', 'ec.pem', '-out', 'bare.der', 'app.tar.sha256']);
  await write('bare.sig', (await read('bare.der')).toString('base64'));
  const { signatures } = await work.json<Verified>(['verify', './app.tar', '--key', 'ec.pub', '--signature', 'bare.sig']);
  t.deepEqual(signatures.map(({ format, identity }) => ({ format, identity })), [{ format: 'cosign', identity: 'ec' }]);
  await chmod(work.path('ec.pem'), 0o600);
  await work.ok(['sign', 'app.tar', '--key', 'ec.pem', '--format', 'cosign']);
  t.is((await work.imgkit(['verify', './app.tar', '--key', 'ec.pub'])).code, 0);
});

test.serial('sha256sum reads our statements, names with backslashes too, and we read its own', async (t) => {
  const odd = 'b\\ack slash é.bin';
  await write(odd, 'odd\n');
  await write('plain.bin', '');
  await work.ok(['sign', odd, 'plain.bin', '--key', 'ed25519', '--statement', 'SUMS']);
  t.is(await tool('sha256sum', ['-c', '--strict', 'SUMS'], { env: { LC_ALL: 'C.UTF-8' } }), `${odd.replace('\\', '\\\\')}: OK\nplain.bin: OK\n`.replace('b\\\\ack', 'b\\ack'));
  await tool('bash', ['-c', `sha256sum '${odd}' > theirs && sha256sum -b plain.bin app.tar >> theirs`]);
  await tool('ssh-keygen', ['-q', '-Y', 'sign', '-n', NAMESPACE, '-f', 'ed25519', 'theirs']);
  t.is((await work.imgkit(['verify', './app.tar', '--statement', 'theirs', '--key', 'ed25519.pub'])).code, 0);
  await work.ok(['sign', odd, 'plain.bin', 'app.tar', '--key', 'ed25519', '--statement', 'theirs']);
});
