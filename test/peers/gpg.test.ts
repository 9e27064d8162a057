import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import test, { type ExecutionContext } from 'ava';
import { hybridParts, named, ociParts } from '../helpers/archive-parts.js';
import { startDockerRegistry, type DockerRegistry } from '../helpers/docker-registry.js';
import { image, index, layer, pack } from '../helpers/image-builder.js';
import { createWorkspace, type Workspace } from '../helpers/imgkit.js';
import { run, runOrThrow, type RunResult } from '../helpers/run.js';

/** GPG signatures of images, both ways, with gpg, skopeo and a registry; skopeo enforces policy.json. */
const app = image('app', { layers: [layer('app', { gzip: true })] });
const second = image('second', { layers: [layer('second', { gzip: true })] });
const all = index([{ ...app.descriptor, platform: { os: 'linux', architecture: 'amd64' } }, { ...second.descriptor, platform: { os: 'linux', architecture: 'arm64' } }], [app, second]);

let work: Workspace;
let registry: DockerRegistry;
let reference: string;
let location: string;
const fingerprints: Record<string, string> = {};
const env = (): Record<string, string> => ({ HOME: work.folder, GNUPGHOME: work.path('gnupg'), XDG_RUNTIME_DIR: work.folder });
const gpg = (...args: readonly string[]): Promise<string> => runOrThrow('gpg', ['--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '', ...args], { cwd: work.folder, env: env() });
const skopeo = (...args: readonly string[]): Promise<RunResult> => run('skopeo', args, { cwd: work.folder, env: env() });
const insecure = (): readonly string[] => ['--insecure-registry', registry.host];

/** skopeo pulls, as `policy.json` and registries.d let it. */
async function pull(from: string, ...more: readonly string[]): Promise<RunResult> {
  return skopeo('--policy', 'policy.json', '--registries.d', 'registries.d', 'copy', '-q', '--remove-signatures', '--src-tls-verify=false', ...more, `docker://${from}`, `oci:pulled-${Math.random().toString(36).slice(2)}:1`);
}
async function accepted(t: ExecutionContext, from: string, ...more: readonly string[]): Promise<void> {
  const { code, stderr } = await pull(from, ...more);
  t.is(code, 0, stderr);
}
async function refused(t: ExecutionContext, from: string, sentence: RegExp): Promise<void> {
  const { code, stderr } = await pull(from);
  t.not(code, 0, from);
  t.regex(stderr, sentence);
}
async function exported(who: string): Promise<void> {
  await writeFile(work.path(`${who}.asc`), await gpg('--armor', '--export', who));
  await writeFile(work.path(`${who}.sec`), await gpg('--armor', '--export-secret-keys', who), { mode: 0o600 });
  fingerprints[who] = /^fpr:+([0-9A-F]{40}):/m.exec(await gpg('--with-colons', '--list-keys', who))?.[1] ?? '';
}

test.before(async () => {
  work = await createWorkspace();
  registry = await startDockerRegistry();
  reference = `${registry.host}/team/app:1.9.6`;
  location = `docker://${reference}`;
  await mkdir(work.path('gnupg'), { mode: 0o700 });
  for (const who of ['release', 'mallory']) {
    await gpg('--quick-generate-key', `${who} <${who}@example.org>`, who === 'release' ? 'rsa2048' : 'ed25519', 'sign', '1y');
    await exported(who);
  }
  await mkdir(work.path('registries.d'));
  await writeFile(work.path('registries.d/here.yaml'), `docker:\n  ${registry.host}:\n    lookaside: file://${work.path('sigs')}\n    lookaside-staging: file://${work.path('sigs')}\n`);
  await writeFile(work.path('policy.json'), JSON.stringify({ default: [{ type: 'reject' }], transports: { docker: { [registry.host]: [{ type: 'signedBy', keyType: 'GPGKeys', keyPath: work.path('release.asc') }] } } }));
  await writeFile(work.path('anything.json'), '{"default":[{"type":"insecureAcceptAnything"}]}');
  await writeFile(work.path('app.tar'), pack(hybridParts([named(app, 'app:1.9.6')])));
  await writeFile(work.path('all.tar'), pack(ociParts([named(all, 'docker.io/team/all:1')])));
  await writeFile(work.path('manifest.json'), app.manifest);
  await work.ok(['trust', 'add', 'trust', 'release.asc']);
  await work.ok(['copy', 'app.tar', location, ...insecure()]);
});
test.after.always(async () => {
  await run('gpgconf', ['--kill', 'all'], { env: env() }).catch(() => undefined);
  await registry?.stop();
  await work?.remove();
});

test.serial('policy.json: skopeo refuses what nobody signed, and pulls what imgkit signed, by tag, by digest, and every platform', async (t) => {
  await refused(t, reference, /no signature exists/);
  await work.ok(['sign', location, '--format', 'gpg', '--key', 'release.sec', '--lookaside', 'sigs', ...insecure()]);
  await accepted(t, reference);
  const byDigest = `${registry.host}/team/app@${app.descriptor.digest}`;
  await accepted(t, byDigest);
  await work.ok(['copy', `docker://${byDigest}`, 'store:by-digest:1', '--key', 'release.asc', '--lookaside', 'sigs', ...insecure()]);

  const many = `${registry.host}/team/all:1`;
  await work.ok(['copy', 'all.tar', `docker://${many}`, ...insecure()]);
  await refused(t, many, /no signature exists/);
  await work.ok(['sign', `docker://${many}`, '--format', 'gpg', '--key', 'release.sec', '--lookaside', 'sigs', ...insecure()]);
  await accepted(t, many, '--all');
  const { code, stderr } = await skopeo('--override-arch', 'arm64', '--policy', 'policy.json', '--registries.d', 'registries.d', 'copy', '-q', '--remove-signatures', '--src-tls-verify=false', `docker://${many}`, 'oci:arm:1');
  t.is(code, 0, stderr);
});

test.serial('skopeo standalone-verify and gpg take a signature by imgkit, for its name and digest alone; from gpg\'s keyring, and with a passphrase', async (t) => {
  await work.ok(['sign', 'app.tar', '--format', 'gpg', '--key', 'release.sec', '--reference', reference, '-o', 'app.sig']);
  const verified = (name: string, key: string): Promise<RunResult> => skopeo('standalone-verify', 'manifest.json', name, fingerprints[key] ?? '', 'app.sig');
  t.regex((await verified(reference, 'release')).stdout, /Signature verified/);
  // The same by gpg itself, from its keyring.
  await work.ok(['sign', 'app.tar', '--format', 'gpg', '--key', `gpg:${fingerprints['release']}`, '--reference', reference, '-o', 'app.sig'], { env: env() });
  t.regex((await verified(reference, 'release')).stdout, /Signature verified/);
  const nobody = await work.imgkit(['sign', 'app.tar', '--format', 'gpg', '--key', 'gpg:nobody@example.org', '-o', 'x.sig'], { env: env() });
  t.is(nobody.code, 4);
  t.regex(nobody.stderr, /gpg cannot use it: .*No secret key/);
  t.not((await verified(`${registry.host}/team/app:1.9.7`, 'release')).code, 0);
  t.regex(await gpg('--decrypt', 'app.sig'), /"atomic container signature"/);

  await runOrThrow('gpg', ['--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', 'secret', '--quick-generate-key', 'locked <locked@example.org>', 'ed25519', 'cert', '1y'], { env: env() });
  const primary = /^fpr:+([0-9A-F]{40}):/m.exec(await gpg('--with-colons', '--list-keys', 'locked'))?.[1] ?? '';
  const locked = (...args: readonly string[]): Promise<string> => runOrThrow('gpg', ['--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', 'secret', ...args], { env: env() });
  await locked('--quick-add-key', primary, 'ed25519', 'sign', '1y');
  await locked('-o', work.path('locked.sec'), '--export-secret-subkeys', primary);
  await gpg('-o', 'locked.gpg', '--export', primary);
  await chmod(work.path('locked.sec'), 0o600);
  await writeFile(work.path('pw'), 'secret\n', { mode: 0o600 });
  const signed = await work.imgkit(['sign', 'app.tar', '--format', 'gpg', '--key', 'locked.sec', '--passphrase-file', 'pw', '-o', 'locked.sig']);
  t.is(signed.code, 0, signed.stderr);
  t.regex(signed.stderr, /its subkey [0-9A-F]{40} signed/);
  t.regex(await gpg('--decrypt', 'locked.sig'), /"atomic container signature"/);
  await work.ok(['verify', 'app.tar', '--key', 'locked.gpg', '--signature', 'locked.sig']);
});

test.serial('what skopeo and gpg signed is believed here, and gets in; another name, digest or key is refused before anything is written', async (t) => {
  const theirs = `${registry.host}/theirs/app:1`;
  const pushed = await skopeo('--policy', 'anything.json', '--registries.d', 'registries.d', 'copy', '-q', '--dest-tls-verify=false', '--sign-by', fingerprints['release'] ?? '', `oci-archive:${work.path('app.tar')}`, `docker://${theirs}`);
  t.is(pushed.code, 0, pushed.stderr);
  const trusted = ['--trust', 'trust', '--lookaside', 'sigs', ...insecure()];
  const { signatures } = await work.json<{ readonly signatures: readonly { readonly format: string; readonly keyId: string; readonly identity: string }[] }>(['verify', `docker://${theirs}`, ...trusted]);
  t.deepEqual(signatures.map(({ format, keyId, identity }) => [format, keyId, identity]), [['gpg', fingerprints['release'], 'release']]);
  await work.ok(['copy', `docker://${theirs}`, 'store:', ...trusted]);
  const exit = async (expected: number, sentence: RegExp, ...args: readonly string[]): Promise<void> => {
    const { code, stderr, stdout } = await work.imgkit(args);
    t.is(code, expected, stderr + stdout);
    t.regex(stderr + stdout, sentence);
  };
  await exit(4, /not trusted/, 'verify', `docker://${theirs}`, '--key', 'mallory.asc', '--lookaside', 'sigs', ...insecure());
  await exit(4, /no signature of its own/, 'verify', `docker://${theirs}`, '--key', 'release.asc', ...insecure());

  const sign = await skopeo('standalone-sign', 'manifest.json', 'docker.io/library/app:1.9.6', fingerprints['release'] ?? '', '-o', 'theirs.sig');
  t.is(sign.code, 0, sign.stderr);
  await work.ok(['load', 'app.tar', '--trust', 'trust', '--signature', 'theirs.sig']);
  await exit(4, /for the name docker\.io\/library\/app:1\.9\.6/, 'verify', location, '--trust', 'trust', '--signature', 'theirs.sig', ...insecure());

  await writeFile(work.path('payload'), await gpg('--decrypt', 'theirs.sig'));
  await gpg('-u', 'release', '-o', 'byhand.sig', '--sign', 'payload');
  await exit(0, /gpg signature by release/, 'verify', 'app.tar', '--trust', 'trust', '--signature', 'byhand.sig');

  // The owner of the key revokes it, with the certificate that gpg made beforehand.
  const certificate = (await readFile(work.path(`gnupg/openpgp-revocs.d/${fingerprints['release']}.rev`), 'utf8')).replace(':-----BEGIN', '-----BEGIN');
  await writeFile(work.path('revoke.asc'), certificate);
  await gpg('--import', 'revoke.asc');
  await writeFile(work.path('release.asc'), await gpg('--armor', '--export', 'release'));
  await work.ok(['trust', 'add', 'trust', 'release.asc', '--force']);
  await exit(4, /was revoked/, 'load', 'app.tar', '--trust', 'trust', '--signature', 'theirs.sig', '--store', work.path('never'));
});
