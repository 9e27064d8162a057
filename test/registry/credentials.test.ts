import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test from 'ava';
import { configPaths } from '../../src/registry/auth/config-file.js';
import { createCredentialFinder } from '../../src/registry/auth/find-credentials.js';
import { forgetCredentials, keepCredentials } from '../../src/registry/auth/keep-credentials.js';
import { registryAddress } from '../../src/registry/registry-address.js';
import { makeScratch } from '../helpers/scratch.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());
const registry = registryAddress('r.example:5000');
const hub = registryAddress('docker.io');
const base64 = (text: string): string => Buffer.from(text).toString('base64');

let count = 0;
/** A home of its own, with a Docker config and helpers: shell scripts, by name. */
async function home(config: unknown, helpers: Readonly<Record<string, string>> = {}): Promise<{ readonly environment: Record<string, string>; readonly file: string; readonly folder: string }> {
  count += 1;
  const folder = scratch.path(`home${count}`);
  const file = join(folder, '.docker', 'config.json');
  await mkdir(dirname(file), { recursive: true });
  await mkdir(join(folder, 'bin'));
  if (config !== undefined) await writeFile(file, typeof config === 'string' ? config : JSON.stringify(config));
  for (const [name, script] of Object.entries(helpers)) {
    const path = join(folder, 'bin', `docker-credential-${name}`);
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
  }
  return { folder, file, environment: { HOME: folder, PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}` } };
}

const NONE = 'echo "credentials not found in native keychain"; exit 1';
/** Keeps what it is given in a file beside it, and notes its arguments. */
const KEEPER = 'dir=$(dirname "$0"); echo "$@" >> "$dir/args"; case $1 in store) cat > "$dir/kept";; get) read server; if [ -f "$dir/kept" ]; then cat "$dir/kept"; else echo "credentials not found in native keychain"; exit 1; fi;; erase) rm -f "$dir/kept";; esac';

test('entries of auths: by host, with a scheme, for a namespace, for Docker Hub, as an identity token', async (t) => {
  const { environment } = await home({ auths: {
    'https://r.example:5000/v2/': { auth: base64('me:p:w') }, 'r.example:5000/team': { auth: base64('team:t') },
    'https://index.docker.io/v1/': { auth: base64('hub:h') }, 'token.example': { auth: base64('<token>:'), identitytoken: 'abc' }, 'empty.example': {},
  } });
  const find = createCredentialFinder({ environment });
  t.deepEqual(await find(registry, 'other/app'), { kind: 'password', username: 'me', password: 'p:w' });
  t.deepEqual(await find(registry, 'team/app'), { kind: 'password', username: 'team', password: 't' });
  t.deepEqual(await find(hub), { kind: 'password', username: 'hub', password: 'h' });
  t.deepEqual(await find(registryAddress('token.example')), { kind: 'identity-token', token: 'abc' });
  for (const name of ['empty.example', 'r.example', 'example:5000', 'unknown']) t.is(await find(registryAddress(name)), undefined, name);
});

test('podman\'s file is read after docker\'s, REGISTRY_AUTH_FILE instead of both', async (t) => {
  const { environment, folder } = await home({ auths: { 'r.example:5000': { auth: base64('docker:d') } } });
  const podman = join(folder, 'run', 'containers', 'auth.json');
  await mkdir(dirname(podman), { recursive: true });
  await writeFile(podman, JSON.stringify({ auths: { 'r.example:5000': { auth: base64('podman:p') }, 'only.example': { auth: base64('podman:o') } } }));
  const both = { ...environment, XDG_RUNTIME_DIR: join(folder, 'run') };
  t.like(await createCredentialFinder({ environment: both })(registry), { username: 'docker' });
  t.like(await createCredentialFinder({ environment: both })(registryAddress('only.example')), { username: 'podman' });
  t.like(await createCredentialFinder({ environment: { ...both, REGISTRY_AUTH_FILE: podman } })(registry), { username: 'podman' });
  t.is(await createCredentialFinder({ environment: { ...both, REGISTRY_AUTH_FILE: join(folder, 'absent') } })(registry), undefined);
});

test('a helper is asked through its standard input, the one for the registry before the one for all', async (t) => {
  const answer = (user: string): string => `read server; echo "{\\"ServerURL\\":\\"$server\\",\\"Username\\":\\"${user}\\",\\"Secret\\":\\"$1-$server\\"}"`;
  const { environment } = await home({ credsStore: 'all', credHelpers: { 'r.example:5000': 'one' }, auths: { 'r.example:5000': { auth: base64('file:f') } } }, { one: answer('one'), all: answer('<token>') });
  const find = createCredentialFinder({ environment });
  t.deepEqual(await find(registry), { kind: 'password', username: 'one', password: 'get-r.example:5000' });
  t.deepEqual(await find(hub), { kind: 'identity-token', token: 'get-https://index.docker.io/v1/' });
});

test('a helper that has nothing leaves the word to the file', async (t) => {
  const { environment } = await home({ credsStore: 'none', auths: { 'r.example:5000': { auth: base64('file:f') } } }, { none: NONE });
  t.like(await createCredentialFinder({ environment })(registry), { username: 'file' });
});

test('an empty name in credHelpers keeps a registry out of credsStore, as for docker', async (t) => {
  const { environment } = await home({ credsStore: 'absent', credHelpers: { 'r.example:5000': '' }, auths: { 'r.example:5000': { auth: base64('file:f') } } });
  t.like(await createCredentialFinder({ environment })(registry), { username: 'file' });
});

test('a logout says so when the helper had nothing and the file had a login', async (t) => {
  const { environment, file } = await home({ credsStore: 'none', auths: { 'r.example:5000': { auth: base64('old:o') }, 'empty.example': {} } }, { none: NONE });
  t.deepEqual(await forgetCredentials(registry, { environment }), [file]);
  t.deepEqual(await forgetCredentials(registryAddress('empty.example'), { environment }), []);
  t.deepEqual((JSON.parse(await readFile(file, 'utf8')) as { auths: unknown }).auths, {});
});

test('without XDG_RUNTIME_DIR skopeo and podman keep logins in ~/.config or below /run', async (t) => {
  const { environment, folder } = await home(undefined);
  const user = join(folder, '.config', 'containers', 'auth.json');
  t.deepEqual(configPaths(environment), [join(folder, '.docker', 'config.json'), `/run/containers/${process.getuid?.()}/auth.json`, user]);
  await mkdir(dirname(user), { recursive: true });
  await writeFile(user, JSON.stringify({ auths: { 'r.example:5000': { auth: base64('podman:p') } } }));
  t.like(await createCredentialFinder({ environment })(registry), { username: 'podman' });
  t.deepEqual(await forgetCredentials(registry, { environment }), [user]);
});

const failing: readonly [name: string, helper: string, script: string | undefined, message: RegExp][] = [
  ['that fails', 'bad', 'echo "the keychain\u001b is locked"; exit 1', /docker-credential-bad could not give.*the keychain is locked/],
  ['that answers rubbish', 'bad', 'echo SECRET', /answered something else/],
  ['that is not installed', 'absent', undefined, /docker-credential-absent is not on the PATH/],
  ['whose name is a path', '../../bin/sh', undefined, /has a name that cannot be one/],
  ['whose name is an option', '-x', undefined, /has a name that cannot be one/],
];
for (const [name, helper, script, message] of failing) {
  test(`a helper ${name}`, async (t) => {
    const { environment } = await home({ credsStore: helper }, script === undefined ? {} : { [helper]: script });
    const error = await t.throwsAsync(createCredentialFinder({ environment })(registry), { code: 'login-failed', message });
    t.false(error?.message.includes('SECRET'));
  });
}

test('a broken config is refused without a word of it', async (t) => {
  const { environment } = await home('{"auths": {"r": {"auth": "U0VDUkVU"');
  const error = await t.throwsAsync(createCredentialFinder({ environment })(registry), { code: 'document-malformed' });
  t.false(error?.message.includes('U0VDUkVU'));
});

test('a login is kept in the file, for its owner only, and everything else in it stays', async (t) => {
  const { environment, file } = await home({ HttpHeaders: { 'X-Meta': 'a' }, auths: { 'other.example': { auth: 'eDp5' }, 'r.example:5000': { auth: 'b2xkOm9sZA==' } }, proxies: {}, detachKeys: 'ctrl-e' });
  t.deepEqual(await keepCredentials(registry, { username: 'me', secret: 'pw' }, { environment }), { where: file, protectedByHelper: false });
  const kept = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  t.deepEqual(kept, { HttpHeaders: { 'X-Meta': 'a' }, auths: { 'other.example': { auth: 'eDp5' }, 'r.example:5000': { auth: base64('me:pw') } }, proxies: {}, detachKeys: 'ctrl-e' });
  t.is((await stat(file)).mode & 0o777, 0o600);
  t.deepEqual(await forgetCredentials(registry, { environment }), [file]);
  t.deepEqual((JSON.parse(await readFile(file, 'utf8')) as { auths: unknown }).auths, { 'other.example': { auth: 'eDp5' } });
  t.deepEqual(await forgetCredentials(registry, { environment }), []);
});

test('a login makes the file, and follows a link to it', async (t) => {
  const { environment, file, folder } = await home(undefined);
  const elsewhere = join(folder, 'dotfiles.json');
  await writeFile(elsewhere, '{}');
  await symlink(elsewhere, file);
  await keepCredentials(hub, { username: '<token>', secret: 'refresh' }, { environment });
  t.deepEqual(JSON.parse(await readFile(elsewhere, 'utf8')), { auths: { 'https://index.docker.io/v1/': { auth: base64('<token>:'), identitytoken: 'refresh' } } });
  t.deepEqual(await createCredentialFinder({ environment })(hub), { kind: 'identity-token', token: 'refresh' });
});

test('a link to a file that is not there yet stays a link', async (t) => {
  const { environment, file, folder } = await home(undefined);
  const elsewhere = join(folder, 'dotfiles', 'docker.json');
  await symlink('../dotfiles/docker.json', file);
  await keepCredentials(registry, { username: 'me', secret: 'pw' }, { environment });
  t.true((await lstat(file)).isSymbolicLink());
  t.is((await stat(elsewhere)).mode & 0o777, 0o600);
  t.like(await createCredentialFinder({ environment })(registry), { username: 'me' });
});

test('logins at once, and a logout among them, are all kept', async (t) => {
  const { environment, file } = await home({ proxies: { default: {} }, auths: { 'gone.example': { auth: base64('a:b') }, 'stays.example': { auth: base64('c:d') } } });
  const names = Array.from({ length: 12 }, (_, i) => `r${i}.example`);
  await Promise.all([
    ...names.map((name) => keepCredentials(registryAddress(name), { username: 'me', secret: name }, { environment })),
    forgetCredentials(registryAddress('gone.example'), { environment }),
  ]);
  const kept = JSON.parse(await readFile(file, 'utf8')) as { auths: Record<string, unknown>; proxies: unknown };
  t.deepEqual(Object.keys(kept.auths).sort(), [...names, 'stays.example'].sort());
  t.deepEqual(kept.proxies, { default: {} });
  t.deepEqual(await readdir(dirname(file)), ['config.json']);
});

test('a login goes to the helper, its secret never through arguments', async (t) => {
  const { environment, file, folder } = await home({ credsStore: 'keeper' }, { keeper: KEEPER });
  t.deepEqual(await keepCredentials(registry, { username: 'me', secret: 'S3CRET' }, { environment }), { where: 'docker-credential-keeper', protectedByHelper: true });
  t.deepEqual(await createCredentialFinder({ environment })(registry), { kind: 'password', username: 'me', password: 'S3CRET' });
  t.deepEqual(await forgetCredentials(registry, { environment }), ['docker-credential-keeper']);
  t.is(await createCredentialFinder({ environment })(registry), undefined);
  t.is(await readFile(join(folder, 'bin', 'args'), 'utf8'), 'store\nget\nerase\nget\n');
  t.false((await readFile(file, 'utf8')).includes('S3CRET'));
});
