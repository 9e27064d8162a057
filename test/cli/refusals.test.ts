import type { KeyObject } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import test from 'ava';
import { makeImage } from '../../samples/make-image.js';
import { readOpensshPrivateKey } from '../../src/crypto/keys/openssh-private-key.js';
import { createSshSigner } from '../../src/crypto/sign/ssh-signer.js';
import { encrypt, keygen, sign } from '../../src/index.js';
import { makeScratch } from '../helpers/scratch.js';
import { imgkit } from './helpers.js';

/** What a script sees when input is refused (4) or malformed (3): the exit code, one sentence, and no file that was not there before. */
const scratch = makeScratch();
const at = (...names: string[]): string => scratch.path(...names);
const identity = at('keys', 'age.agekey');
let recipient = '';

test.before(async () => {
  await makeImage({ output: at('app.tar') });
  for (const name of ['release', 'mallory']) await keygen({ type: 'ssh', name, folder: at('keys') });
  recipient = (await keygen({ type: 'age', folder: at('keys') })).publicLine ?? '';
  await keygen({ type: 'age', name: 'other', folder: at('keys') });
  await encrypt({ input: at('app.tar'), output: at('app.tar.age'), recipients: [recipient] });
  for (const name of ['app.tar', 'app.tar.age']) await sign({ files: [at(name)], key: at('keys', 'release') });
});
test.after.always(() => scratch.remove());

/** A folder with the delivered files in it, changed by `change`. */
async function delivered(name: string, change: (folder: string) => Promise<unknown>): Promise<string> {
  await mkdir(at(name));
  for (const file of ['app.tar', 'app.tar.sha256', 'app.tar.sha256.sig', 'app.tar.age', 'app.tar.age.sha256', 'app.tar.age.sha256.sig']) await copyFile(at(file), at(name, file));
  await change(at(name));
  return at(name);
}

const flipInside = async (path: string, from = 0.5): Promise<void> => {
  const bytes = await readFile(path);
  const byte = Math.floor(bytes.length * from);
  bytes[byte] = (bytes[byte] as number) ^ 1;
  await writeFile(path, bytes);
};
const nothing = async (): Promise<void> => {};
const trusted = ['--key', at('keys', 'release.pub')];

const CASES: readonly (readonly [what: string, change: (folder: string) => Promise<unknown>, args: (folder: string) => readonly string[], code: number, says: RegExp])[] = [
  ['a changed archive', (folder) => flipInside(`${folder}/app.tar`), (folder) => ['verify', `${folder}/app.tar`, ...trusted], 4, /is not the file that was signed/],
  ['a damaged signature', (folder) => writeFile(`${folder}/app.tar.sha256.sig`, '-----BEGIN SSH SIGNATURE-----\n'), (folder) => ['load', `${folder}/app.tar`, ...trusted, '--store', `${folder}/store`], 3, /SSH signature is damaged/],
  ['a signer who is not trusted', nothing, (folder) => ['copy', `${folder}/app.tar`, `oci:${folder}/out`, '--key', at('keys', 'mallory.pub')], 4, /is not trusted \(trusted: .*mallory\.pub \(SSH\)\).*--key/],
  ['signed nonsense', async (folder) => {
    const { publicKey, key } = await readOpensshPrivateKey(await readFile(at('keys', 'release'), 'utf8'), 'release', async () => undefined);
    const nonsense = Buffer.from('no statement\n');
    await writeFile(`${folder}/app.tar.sha256`, nonsense);
    await writeFile(`${folder}/app.tar.sha256.sig`, await createSshSigner(publicKey, key as KeyObject, 'release').sign(nonsense));
  }, (folder) => ['load', `${folder}/app.tar`, ...trusted, '--store', `${folder}/store`], 3, /line 1 is no checksum/],
  ['ciphertext that was changed after it was signed', (folder) => flipInside(`${folder}/app.tar.age`), (folder) => ['load', `${folder}/app.tar.age`, ...trusted, '--identity', identity, '--store', `${folder}/store`], 4, /is not the file that was signed/],
  ['ciphertext that was changed', (folder) => flipInside(`${folder}/app.tar.age`, 0.99), (folder) => ['decrypt', `${folder}/app.tar.age`, '-o', `${folder}/out.tar`, '--identity', identity], 3, /does not match its tag/],
  ['ciphertext for somebody else', nothing, (folder) => ['decrypt', `${folder}/app.tar.age`, '-o', `${folder}/out.tar`, '--identity', at('keys', 'other.agekey')], 4, /is encrypted for 1 recipient/],
];

for (const [i, [what, change, args, code, says]] of CASES.entries()) {
  test.serial(`${what}: exit ${code}, and nothing is left`, async (t) => {
    const folder = await delivered(`case-${i}`, change);
    const before = await readdir(folder);
    const found = await imgkit([...args(folder), '--quiet']);
    t.is(found.code, code, `${found.stdout}${found.stderr}`);
    t.regex(`${found.stdout}${found.stderr}`, says);
    t.deepEqual((await readdir(folder)).toSorted(), before.toSorted());
    t.deepEqual(await scratch.tree('tmp'), []);
  });
}
