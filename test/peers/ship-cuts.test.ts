import { randomBytes, randomInt } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { fetch, send } from '../../src/index.js';
import { makeScratch } from '../helpers/scratch.js';
import { ftpHost, httpHost, sftpHost, type Host } from './ship-lab.js';

/** 50 and more with IMGKIT_CUTS; each is two transfers with two connections. */
const ROUNDS = Number(process.env['IMGKIT_CUTS'] ?? 10);
/** What a resumed transfer may send twice. */
const CHUNK = 1024 * 1024;
const scratch = makeScratch();
const bytes = randomBytes(3 * 1024 * 1024);
const local = scratch.writeNow('file.tar', bytes);
const hosts: Host[] = [];

process.env['HOME'] = scratch.path('home');
test.after.always(async () => {
  for (const host of hosts) await host.stop();
  scratch.remove();
});

for (const [name, start] of [['sftp', sftpHost], ['ftp', ftpHost], ['http', httpHost]] as const) {
  let host: Host;

  test.serial(`${name}: ${ROUNDS} uploads cut anywhere, and taken up again`, async (t) => {
    host = await start();
    hosts.push(host);
    let [cut, resumed] = [0, 0];
    for (let round = 0; round < ROUNDS; round++) {
      const after = randomInt(1, bytes.length);
      host.cut({ up: { after, how: round % 2 === 0 ? 'reset' : 'cut' } });
      const first = (await send({ files: [local], to: [host.url], network: host.network, retries: 0 })).deliveries[0];
      host.cut(undefined);
      if (first?.status === 'failed') cut += 1;
      const names = await host.names();
      t.true(first?.status === 'sent' || !names.includes('file.tar'), `nothing partial under the name (cut after ${after})`);
      const part = names.find((each) => each.endsWith('.part') && !each.includes('.sha256.'));
      const there = part === undefined ? 0 : (await stat(join(host.folder, part))).size;
      const second = (await send({ files: [local], to: [host.url], network: host.network, retries: 0 })).deliveries[0];
      t.true((await host.read('file.tar'))?.equals(bytes), `identical after a cut at ${after}`);
      t.true(names.includes('file.tar') || second?.status === 'sent', JSON.stringify(second));
      if (second?.status === 'sent') {
        const twice = (second.sentBytes ?? 0) - (bytes.length - there);
        t.true(twice < CHUNK || second.notes.length > 0, `${twice} bytes were sent twice without a reason`);
        if ((second.sentBytes ?? 0) < bytes.length) resumed += 1;
      }
      await host.clear();
    }
    t.log(`${cut} of ${ROUNDS} were cut, ${resumed} went on in the middle`);
    t.true(cut >= ROUNDS * 0.8);
    // What sshd had not written yet when the connection broke is lost; nginx keeps nothing.
    t.true(name === 'http' || resumed >= (name === 'sftp' ? 0 : ROUNDS / 3), `${resumed} went on in the middle`);
  });

  test.serial(`${name}: ${ROUNDS} downloads cut anywhere, and taken up again`, async (t) => {
    const output = scratch.path(`in-${name}`);
    let [cut, resumed] = [0, 0];
    const { deliveries } = await send({ files: [local], to: [host.url], network: host.network });
    t.is(deliveries[0]?.status, 'sent');
    for (let round = 0; round < ROUNDS; round++) {
      await mkdir(output);
      const after = randomInt(1, bytes.length);
      host.cut({ down: { after, how: round % 2 === 0 ? 'reset' : 'cut' } });
      const failure = await fetch({ url: `${host.url}file.tar`, output, network: host.network, retries: 0 }).catch((error: unknown) => error);
      host.cut(undefined);
      if (failure instanceof Error) cut += 1;
      const left = await readdir(output);
      t.true(!(failure instanceof Error) || !left.includes('file.tar'), `nothing partial under the name (cut after ${after})`);
      const part = left.find((each) => each.endsWith('.part'));
      const here = part === undefined ? 0 : (await stat(join(output, part))).size;
      const result = await fetch({ url: `${host.url}file.tar`, output, network: host.network, retries: 0 });
      t.true((await readFile(join(output, 'file.tar'))).equals(bytes), `identical after a cut at ${after}`);
      if (result.status === 'fetched') t.is(result.receivedBytes, bytes.length - here, result.notes.join());
      if (here > 0) resumed += 1;
      await rm(output, { recursive: true });
    }
    t.log(`${cut} of ${ROUNDS} were cut, ${resumed} went on in the middle`);
    t.true(cut >= ROUNDS * 0.8 && resumed >= ROUNDS / 3);
  });
}

