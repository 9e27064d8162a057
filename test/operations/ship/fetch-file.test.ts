import { randomBytes } from 'node:crypto';
import { link, lstat, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { digestHex, digestOf } from '../../../src/content/digest.js';
import { fetchFile, type Fetched, type FetchFileOptions } from '../../../src/operations/ship/fetch-file.js';
import { localPartPath, lockLocalPart, openLocalPart } from '../../../src/operations/ship/local-part.js';
import { tempFolder } from '../../content/temp.js';
import { faultyTransport, targetOf, type Faults } from './faulty-transport.js';

const SIZE = 2_500_000;

interface Lab {
  readonly bytes: Buffer;
  readonly remote: string;
  readonly here: string;
  readonly path: string;
  put(bytes: Uint8Array, stated?: Uint8Array): Promise<void>;
  fetch(faults?: Faults, options?: Partial<FetchFileOptions>): Promise<Fetched & { readonly received: number }>;
}

async function lab(t: ExecutionContext): Promise<Lab> {
  const folder = await tempFolder(t);
  const [drop, here] = [join(folder, 'drop'), join(folder, 'here')];
  await mkdir(drop);
  await mkdir(here);
  const remote = join(drop, 'app.tar');
  const bytes = randomBytes(SIZE);
  const put = async (content: Uint8Array, stated = content): Promise<void> => {
    await writeFile(remote, content);
    await writeFile(`${remote}.sha256`, `${digestHex(digestOf(stated))}  app.tar\n`);
  };
  await put(bytes);
  return {
    bytes, remote, here, path: join(here, 'app.tar'), put,
    async fetch(faults, options) {
      const transport = faultyTransport(faults);
      const fetched = await fetchFile(await targetOf(transport, remote), join(here, 'app.tar'), { acceptUnchecked: false, force: false, ...options });
      return { ...fetched, received: transport.traffic.received };
    },
  };
}

async function parts({ here }: Lab): Promise<readonly string[]> {
  return (await readdir(here)).filter((name) => name.startsWith('.'));
}

test('a file with its statement and signatures', async (t) => {
  const given = await lab(t);
  await writeFile(`${given.remote}.sha256.sig`, 'SIG');
  const fetched = await given.fetch();
  t.like(fetched, { status: 'fetched', checkedBy: 'statement', size: SIZE, receivedBytes: SIZE, digest: digestOf(given.bytes), sidecars: ['app.tar.sha256.sig', 'app.tar.sha256'] });
  t.deepEqual((await readdir(given.here)).sort(), ['app.tar', 'app.tar.sha256', 'app.tar.sha256.sig']);
  t.true((await readFile(given.path)).equals(given.bytes));
  t.is((await given.fetch()).status, 'already-there');
});

test('a part that has the final name already goes with the next fetch; a part of something else stays', async (t) => {
  const given = await lab(t);
  await t.throwsAsync(given.fetch({ cutReadAfter: 1000 }));
  const [part = '', journal = ''] = (await parts(given)).toSorted();
  const text = await readFile(join(given.here, journal));
  await given.fetch();
  // As a process leaves it that is killed when the file has its name.
  await link(given.path, join(given.here, part));
  await writeFile(join(given.here, journal), text);
  t.is((await given.fetch()).status, 'already-there');
  t.deepEqual(await parts(given), []);
  await writeFile(join(given.here, part), 'half');
  t.is((await given.fetch()).status, 'already-there');
  t.deepEqual(await parts(given), [part]);
});

test('cut anywhere, then run again: identical, and nothing comes twice', async (t) => {
  for (const at of [0, 1, 65_536, 1_048_576, 1_500_001, SIZE - 1]) {
    const given = await lab(t);
    // The statement passes first; the cut is for what is longer than it.
    const error = await t.throwsAsync(given.fetch({ cutReadAfter: Math.max(at, 100) }), { code: 'network-failed' });
    t.truthy(error);
    t.false((await readdir(given.here)).includes('app.tar'));
    const { notes, receivedBytes } = await given.fetch();
    t.is(receivedBytes, SIZE - Math.max(at, 100));
    t.deepEqual(notes, [`continued at byte ${Math.max(at, 100)}`]);
    t.true((await readFile(given.path)).equals(given.bytes));
    t.deepEqual(await parts(given), []);
  }
});

test('another version is fetched from the start', async (t) => {
  const given = await lab(t);
  await t.throwsAsync(given.fetch({ cutReadAfter: 1_000_000 }), { code: 'network-failed' });
  const next = randomBytes(SIZE);
  await given.put(next);
  const { receivedBytes } = await given.fetch();
  t.is(receivedBytes, SIZE);
  t.true((await readFile(given.path)).equals(next));
});

test('what was left of another version goes when the file is here; what another process fetches stays', async (t) => {
  const given = await lab(t);
  await t.throwsAsync(given.fetch({ cutReadAfter: 1_000_000 }), { code: 'network-failed' });
  await given.put(randomBytes(SIZE));
  const busy = join(given.here, '.app.tar.0123456789abcdef.part');
  const ofAnother = join(given.here, '.app.tar.tar.0123456789abcdef.part');
  for (const path of [busy, ofAnother]) await writeFile(path, 'half');
  const release = await lockLocalPart(busy, given.path);
  await given.fetch();
  t.deepEqual((await parts(given)).toSorted(), [busy, `${busy}.lock`, ofAnother].map((path) => basename(path)));
  await release();
  await given.fetch();
  t.deepEqual(await parts(given), [basename(ofAnother)]);
});

test('the same content with another time too: its version is another', async (t) => {
  const given = await lab(t);
  await t.throwsAsync(given.fetch({ cutReadAfter: 1_000_000 }), { code: 'network-failed' });
  await given.put(given.bytes);
  await utimes(given.remote, 1, 1);
  t.is((await given.fetch()).receivedBytes, SIZE);
});

test('a part file that was damaged here is found out, and all is fetched anew', async (t) => {
  const given = await lab(t);
  await t.throwsAsync(given.fetch({ cutReadAfter: 1_000_000 }), { code: 'network-failed' });
  const [part = ''] = (await parts(given)).filter((name) => name.endsWith('.part'));
  const bytes = await readFile(join(given.here, part));
  await writeFile(join(given.here, part), bytes.fill(0, 500_000, 600_000));
  const { notes } = await given.fetch();
  t.regex(notes.join(' '), /came out wrong/);
  t.true((await readFile(given.path)).equals(given.bytes));
  t.deepEqual(await parts(given), []);
});

test('a server without ranges gives all of it, and that is said', async (t) => {
  const given = await lab(t);
  await t.throwsAsync(given.fetch({ cutReadAfter: 1_000_000 }), { code: 'network-failed' });
  const { notes, receivedBytes } = await given.fetch({ abilities: { readRange: false } });
  t.regex(notes.join(' '), /whole files only/);
  t.is(receivedBytes, SIZE);
});

test('wrong bytes never get the name, and nothing stays', async (t) => {
  const given = await lab(t);
  await given.put(given.bytes, Buffer.from('other'));
  await t.throwsAsync(given.fetch(), { code: 'digest-mismatch' });
  t.deepEqual(await readdir(given.here), []);
  await given.put(given.bytes);
  await t.throwsAsync(given.fetch({}, { expect: digestOf(Buffer.from('other')) }), { code: 'digest-mismatch', message: /is expected/ });
  t.deepEqual(await readdir(given.here), []);
  // The file is the one that is expected, but what stands beside it is about another.
  await given.put(given.bytes, Buffer.from('other'));
  await t.throwsAsync(given.fetch({}, { expect: digestOf(given.bytes) }), { code: 'digest-mismatch', message: /the file there is another one/ });
  t.deepEqual(await readdir(given.here), []);
});

test('nothing vouches for it: refused, expected, or taken by a long name', async (t) => {
  const given = await lab(t);
  await writeFile(`${given.remote}.sha256`, '');
  await t.throwsAsync(given.fetch(), { code: 'statement-malformed' });
  await writeFile(`${given.remote}.sha256`, `${'0'.repeat(64)}  other.tar\n`);
  await t.throwsAsync(given.fetch(), { code: 'statement-malformed', message: /no line for app\.tar/ });
  await rm(`${given.remote}.sha256`);
  await t.throwsAsync(given.fetch(), { code: 'policy-refused', message: /--expect/ });
  t.deepEqual(await readdir(given.here), []);
  t.is((await given.fetch({}, { expect: digestOf(given.bytes) })).checkedBy, 'expect');
  await rm(given.path);
  await t.throwsAsync(given.fetch({ cutReadAfter: 1_000_000 }, { acceptUnchecked: true }), { code: 'network-failed' });
  t.deepEqual(await parts(given), [], 'what cannot be proven is not kept to be continued');
  t.is((await given.fetch({}, { acceptUnchecked: true })).checkedBy, 'nothing');
});

test('whoever believes no statement fetches nothing', async (t) => {
  const given = await lab(t);
  const checkStatement = async (): Promise<void> => {
    throw new RangeError('not signed');
  };
  await t.throwsAsync(given.fetch({}, { checkStatement }), { message: 'not signed' });
  t.deepEqual(await readdir(given.here), []);
});

test('what is here already', async (t) => {
  const given = await lab(t);
  await writeFile(given.path, 'something else');
  await t.throwsAsync(given.fetch(), { code: 'file-exists', message: /choose another with -o/ });
  await given.fetch({}, { force: true });
  t.true((await readFile(given.path)).equals(given.bytes));
  await writeFile(`${given.path}.sha256`, 'by a better way');
  await t.throwsAsync(given.fetch(), { code: 'file-exists', message: /\.sha256/ });
  t.is(await readFile(`${given.path}.sha256`, 'utf8'), 'by a better way');
});

test('a file that is not there, and a folder', async (t) => {
  const given = await lab(t);
  const transport = faultyTransport();
  await t.throwsAsync(fetchFile(await targetOf(transport, `${given.remote}x`), given.path, { acceptUnchecked: false, force: false }), { code: 'file-not-found' });
  await t.throwsAsync(fetchFile(await targetOf(transport, join(given.remote, '..')), given.path, { acceptUnchecked: false, force: false }), { code: 'location-unsupported' });
});

test('a server that sends more or less than it says, where nothing else tells', async (t) => {
  const given = await lab(t);
  await rm(`${given.remote}.sha256`);
  for (const [size, says] of [[SIZE - 10, /sends more than the 2499990 bytes that it promised/], [SIZE + 10, /2500000 of 2500010 bytes came/]] as const) {
    const transport = faultyTransport();
    const target = await targetOf({ ...transport, stat: async () => ({ kind: 'file', size }) }, given.remote);
    await t.throwsAsync(fetchFile(target, given.path, { acceptUnchecked: true, force: false }), { code: 'network-failed', message: says });
    t.deepEqual(await readdir(given.here), []);
  }
});

test('a part that was left of a file that nothing vouches for is not continued', async (t) => {
  const given = await lab(t);
  await rm(`${given.remote}.sha256`);
  const target = await targetOf(faultyTransport(), given.remote);
  const there = await target.transport.stat(given.remote);
  const id = digestHex(digestOf(Buffer.from(target.shown))).slice(0, 16);
  const part = await openLocalPart(localPartPath(given.path, id), { url: target.shown, digest: 'none', size: there?.size, version: there?.version, modified: there?.modified?.toISOString() });
  await part.handle.writeFile(Buffer.alloc(1_000_000));
  await part.handle.close();
  await fetchFile(target, given.path, { acceptUnchecked: true, force: false });
  t.true((await readFile(given.path)).equals(given.bytes));
  t.deepEqual(await parts(given), []);
});

test('a part is private, and a link in its place is not followed', async (t) => {
  const given = await lab(t);
  await t.throwsAsync(given.fetch({ cutReadAfter: 1_000_000 }), { code: 'network-failed' });
  const part = join(given.here, (await parts(given)).find((name) => name.endsWith('.part')) ?? '');
  t.is((await stat(part)).mode & 0o777, 0o600);
  const victim = join(given.here, 'victim');
  await writeFile(victim, given.bytes.subarray(0, 1_000_000));
  await rm(part);
  await symlink(victim, part);
  await given.fetch();
  t.true((await readFile(victim)).equals(given.bytes.subarray(0, 1_000_000)), 'nothing was written behind it');
  t.true((await lstat(given.path)).isFile());
});

test('a signature beside it that is larger than any is not read', async (t) => {
  const given = await lab(t);
  await writeFile(`${given.remote}.sha256.sig`, Buffer.alloc(1024 * 1024 + 1));
  await t.throwsAsync(given.fetch(), { code: 'limit-exceeded', message: /more than 1048576 bytes/ });
  t.deepEqual(await readdir(given.here), []);
});

test('two at once: the second is told who is at it, so that the name is never given to what the other has only begun', async (t) => {
  const given = await lab(t);
  const slow = faultyTransport();
  let begun = (): void => undefined;
  let goOn = (): void => undefined;
  const underWay = new Promise<void>((resolve) => { begun = resolve; });
  const gate = new Promise<void>((resolve) => { goOn = resolve; });
  const { read } = slow;
  slow.read = async function* (path, options) {
    for await (const chunk of read(path, { ...options, lent: false })) {
      yield chunk;
      if (path !== given.remote) continue;
      begun();
      await gate;
    }
  };
  const first = fetchFile(await targetOf(slow, given.remote), given.path, { acceptUnchecked: false, force: false });
  await underWay;
  // The same content, from another host.
  const mirror = { ...(await targetOf(faultyTransport({ cutReadAfter: 1_000_000 }), given.remote)), shown: 'test://mirror/app.tar' };
  const error = await t.throwsAsync(fetchFile(mirror, given.path, { acceptUnchecked: false, force: false }), { code: 'store-locked' });
  t.true(error?.message.startsWith(`${given.path}: is being fetched by another process already (process ${process.pid} on `));
  goOn();
  t.is((await first).status, 'fetched');
  t.true((await readFile(given.path)).equals(given.bytes));
  t.deepEqual(await parts(given), []);
});

test('a name as long as names can be, of characters of several bytes', async (t) => {
  const given = await lab(t);
  const path = join(given.here, `${'\u5c71'.repeat(80)}.tar`);
  const target = await targetOf(faultyTransport(), given.remote);
  t.is((await fetchFile(target, path, { acceptUnchecked: false, force: false })).digest, digestOf(given.bytes));
});

test('a large one goes through a thread: cut on either side of where that begins, then run again', async (t) => {
  const given = await lab(t);
  const large = randomBytes(12 * 1024 * 1024 + 5);
  await given.put(large);
  for (const at of [5_000_000, 9_000_000, 12_000_000]) {
    await t.throwsAsync(given.fetch({ cutReadAfter: at }), { code: 'network-failed' });
    const fetched = await given.fetch();
    t.is(fetched.receivedBytes, large.length - at, `all that came before the cut at ${at} was kept`);
    t.is(fetched.digest, digestOf(large));
    t.true((await readFile(given.path)).equals(large));
    t.deepEqual(await parts(given), []);
    await rm(given.here, { recursive: true });
    await mkdir(given.here);
  }
  const stop = new AbortController();
  await t.throwsAsync(given.fetch({ cutReadAfter: 12_000_000 }), { code: 'network-failed' });
  stop.abort();
  await t.throwsAsync(given.fetch({}, { signal: stop.signal }), { code: 'interrupted' });
});
