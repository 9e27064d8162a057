import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { digestHex, digestOf } from '../../../src/content/digest.js';
import { fetchFile, type Fetched } from '../../../src/operations/ship/fetch-file.js';
import { tempFolder } from '../../content/temp.js';
import { runOrThrow } from '../../helpers/run.js';
import { faultyTransport, targetOf } from './faulty-transport.js';

interface Lab {
  readonly remote: string;
  readonly here: string;
  fetchAs(name: string): Promise<Fetched>;
}

/** `app.tar` at a host, with a statement that speaks of another file too. */
async function lab(t: ExecutionContext): Promise<Lab> {
  const folder = await tempFolder(t);
  const here = join(folder, 'here');
  await mkdir(here);
  const remote = join(folder, 'app.tar');
  await writeFile(remote, 'content');
  await writeFile(`${remote}.sha256`, `${digestHex(digestOf(Buffer.from('content')))}  app.tar\n${'0'.repeat(64)}  third.tar\n`);
  return { remote, here, fetchAs: async (name) => fetchFile(await targetOf(faultyTransport(), remote), join(here, name), { acceptUnchecked: false, force: false }) };
}

test('under another name its statement is made for that: sha256sum finds the file', async (t) => {
  const given = await lab(t);
  const { sidecars, notes } = await given.fetchAs('other.tar');
  t.deepEqual([sidecars, notes], [['other.tar.sha256'], []]);
  t.is(await runOrThrow('sha256sum', ['--quiet', '-c', 'other.tar.sha256'], { cwd: given.here }), '');
  t.is((await given.fetchAs('other.tar')).status, 'already-there');
});

test('under another name a signed statement stays as it is, and that is said', async (t) => {
  const given = await lab(t);
  await writeFile(`${given.remote}.sha256.sig`, 'SIG');
  for (const status of ['fetched', 'already-there'] as const) {
    const fetched = await given.fetchAs('other.tar');
    t.is(fetched.status, status);
    t.deepEqual(fetched.notes, ['other.tar.sha256 is signed, and still speaks of app.tar: it verifies the file only under that name']);
    t.deepEqual(await readFile(join(given.here, 'other.tar.sha256')), await readFile(`${given.remote}.sha256`));
    t.is(await readFile(join(given.here, 'other.tar.sha256.sig'), 'utf8'), 'SIG');
  }
});

test('a name that no statement can hold does not stop a file that is there', async (t) => {
  const { notes, status } = await (await lab(t)).fetchAs(' other.tar');
  t.is(status, 'fetched');
  t.deepEqual(notes, [' other.tar.sha256 could not name it so, and still speaks of app.tar: it verifies the file only under that name']);
});

test('a statement of another file that has the name here is told before anything is fetched', async (t) => {
  const given = await lab(t);
  await writeFile(join(given.here, 'other.tar.sha256'), `${'1'.repeat(64)}  other.tar\n`);
  await t.throwsAsync(given.fetchAs('other.tar'), { code: 'file-exists', message: /other\.tar\.sha256: is there already/ });
  t.deepEqual(await readdir(given.here), ['other.tar.sha256']);
});

test('with --force, signatures over the statement that goes go too; those over one that stays do not', async (t) => {
  const given = await lab(t);
  const fetch = async (): Promise<Fetched> => fetchFile(await targetOf(faultyTransport(), given.remote), join(given.here, 'app.tar'), { acceptUnchecked: false, force: true });
  for (const [name, content] of [['app.tar', 'older'], ['app.tar.sha256', `${'1'.repeat(64)}  app.tar\n`], ['app.tar.sha256.sig', 'of the older one']] as const) await writeFile(join(given.here, name), content);
  await writeFile(`${given.remote}.sha256.minisig`, 'MINISIG');
  t.is((await fetch()).status, 'fetched');
  t.deepEqual((await readdir(given.here)).sort(), ['app.tar', 'app.tar.sha256', 'app.tar.sha256.minisig']);
  await writeFile(join(given.here, 'app.tar.sha256.sig'), 'made here, over the same');
  t.is((await fetch()).status, 'already-there');
  t.deepEqual((await readdir(given.here)).sort(), ['app.tar', 'app.tar.sha256', 'app.tar.sha256.minisig', 'app.tar.sha256.sig']);
});

test('a name that the disk does not take is refused before anything is fetched', async (t) => {
  const given = await lab(t);
  await t.throwsAsync(given.fetchAs(`${'a'.repeat(300)}.tar`), { code: 'io-failed', message: /too long for this file system/ });
  t.deepEqual(await readdir(given.here), []);
});
