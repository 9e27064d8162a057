import { randomBytes, randomInt } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { fetch, send, type Delivery } from '../../src/index.js';
import { makeScratch } from '../helpers/scratch.js';
import { ftpHost, httpHost, sftpHost, type Host } from './ship-lab.js';

/** Places where each protocol is cut, each way: a call that is cut takes up what the last one left, and leaves something for the next. */
const CUTS = Number(process.env['IMGKIT_CUTS'] ?? 50);
/** What a resumed transfer may send twice. */
const CHUNK = 1024 * 1024;
/** With less than this to go, a file is let through. */
const NEARLY = 64 * 1024;
/** Without a hash of the server, less than this is sent again. */
const READ_BACK = 256 * 1024;
const scratch = makeScratch();
const bytes = randomBytes(2 * CHUNK);
const local = scratch.writeNow('file.tar', bytes);

process.env['HOME'] = scratch.path('home');
test.after.always(() => scratch.remove());

for (const [name, start] of [['sftp', sftpHost], ['ftp', ftpHost], ['http', httpHost]] as const) {
  test(`${name}: cut at ${CUTS} places each way, and taken up again`, async (t) => {
    const host = await start();
    try {
      const sent = await cutUploads(t, host);
      const received = await cutDownloads(t, host);
      t.log(`${sent} of ${CUTS} uploads and ${received} of ${CUTS} downloads went on from what the one before had left`);
      // nginx keeps nothing of a PUT that is cut. The others: all but what is cut at its very beginning, or is too little to be read back.
      t.true(name === 'http' ? sent === 0 : sent >= CUTS / 2, `${sent} uploads went on`);
      t.true(received >= CUTS / 2, `${received} downloads went on`);
    } finally {
      await host.stop();
    }
  });
}

/** How many of the cut uploads began with what was there. */
async function cutUploads(t: ExecutionContext, host: Host): Promise<number> {
  const put = async (): Promise<Delivery | undefined> => (await send({ files: [local], to: [host.url], network: host.network, retries: 0 })).deliveries[0];
  let [cuts, resumed] = [0, 0];
  while (cuts < CUTS) {
    let there = 0;
    for (; cuts < CUTS && bytes.length - there > NEARLY; cuts += 1) {
      const after = randomInt(1, bytes.length - there);
      const what = `upload ${cuts}, ${there} bytes there, cut after ${after}`;
      host.cut({ up: { after, how: cuts % 2 === 0 ? 'reset' : 'cut' } });
      const failed = await put();
      t.is(failed?.status, 'failed', what);
      t.is(failed?.error?.code, 'network-failed', `${what}: ${failed?.error?.message}`);
      host.cut(undefined);
      await host.idle();
      const names = await host.names();
      t.false(names.includes('file.tar'), `${what}: nothing partial under the name`);
      const part = await partOf(host, names);
      t.true(part.equals(bytes.subarray(0, part.length)), `${what}: ${part.length} bytes that are the first of the file`);
      const lasting = host.name === 'sftp' || there > READ_BACK;
      if (lasting) t.true(part.length >= there, `${what}: only ${part.length} are left of it; ${failed?.error?.message}; ${failed?.notes.join()}`);
      if (there > 0 && lasting) resumed += 1;
      there = part.length;
    }
    const last = await put();
    t.is(last?.status, 'sent', JSON.stringify(last));
    t.true((await host.read('file.tar'))?.equals(bytes));
    const twice = (last?.sentBytes ?? 0) - (bytes.length - there);
    t.true(twice < CHUNK || (last?.notes.length ?? 0) > 0, `${twice} bytes were sent twice without a reason`);
    await host.clear();
  }
  return resumed;
}

/** What lies there under a temporary name. */
async function partOf({ folder }: Host, names: readonly string[]): Promise<Buffer> {
  const name = names.find((each) => each.endsWith('.part') && !each.includes('.sha256.'));
  return name === undefined ? Buffer.alloc(0) : readFile(join(folder, name));
}

/** How many of the cut downloads began with what was here. */
async function cutDownloads(t: ExecutionContext, host: Host): Promise<number> {
  const output = scratch.path(`in-${host.name}`);
  const get = (): ReturnType<typeof fetch> => fetch({ url: `${host.url}file.tar`, output, network: host.network, retries: 0 });
  t.is((await send({ files: [local], to: [host.url], network: host.network })).deliveries[0]?.status, 'sent');
  let [cuts, resumed] = [0, 0];
  while (cuts < CUTS) {
    let here = 0;
    await mkdir(output);
    for (; cuts < CUTS && bytes.length - here > NEARLY; cuts += 1) {
      const after = randomInt(1, bytes.length - here);
      const what = `download ${cuts}, ${here} bytes here, cut after ${after}`;
      host.cut({ down: { after, how: cuts % 2 === 0 ? 'reset' : 'cut' } });
      await t.throwsAsync(get(), { name: 'ImgkitError' }, what);
      host.cut(undefined);
      const names = await readdir(output);
      t.false(names.includes('file.tar'), `${what}: nothing partial under the name`);
      const part = names.find((each) => each.endsWith('.part'));
      const kept = part === undefined ? Buffer.alloc(0) : await readFile(join(output, part));
      t.true(kept.length >= here && kept.equals(bytes.subarray(0, kept.length)), `${what}: ${kept.length} bytes are left`);
      if (here > 0) resumed += 1;
      here = kept.length;
    }
    const result = await get();
    t.true((await readFile(join(output, 'file.tar'))).equals(bytes));
    t.is(result.receivedBytes, bytes.length - here, result.notes.join());
    await rm(output, { recursive: true });
  }
  return resumed;
}
