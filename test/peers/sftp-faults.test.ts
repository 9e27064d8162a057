import { randomBytes, randomInt } from 'node:crypto';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { isImgkitError } from '../../src/errors.js';
import { openSftpTransport } from '../../src/transport/sftp/sftp-transport.js';
import { collect } from '../content/bytes.js';
import { chunked } from '../contract/transport-harness.js';
import { startFaultProxy, type FaultProxy } from '../faults/tcp-proxy.js';
import { runOrThrow } from '../helpers/run.js';
import { forgetThePerson, plantFor, sftpNetwork, withSftp } from '../helpers/sftp-client.js';
import { makeScratch } from '../helpers/scratch.js';
import { startSshd, type Sshd } from '../helpers/sshd.js';

const MIB = 1024 * 1024;
/** ship-cuts.test.ts cuts more; here it is half of them before the session is there. */
const CUTS = 20;
const HANDSHAKE = 5000;
const somewhere = (round: number, size: number): number => randomInt(0, round % 4 < 2 ? HANDSHAKE : size);
const scratch = makeScratch();
forgetThePerson(scratch);
let started: Promise<Sshd> | undefined;
const server = (): Promise<Sshd> => (started ??= startSshd());
test.after.always(async () => {
  await (await started)?.stop();
  scratch.remove();
});

/** A proxy before the server, and how to go through it. */
async function throughProxy<T>(work: (given: { readonly sshd: Sshd; readonly proxy: FaultProxy; readonly url: string; readonly network: Awaited<ReturnType<typeof sftpNetwork>> }) => Promise<T>): Promise<T> {
  const sshd = await server();
  const proxy = await startFaultProxy({ target: { port: sshd.port } });
  try {
    const network = await sftpNetwork(scratch, sshd, { hostKey: sshd.fingerprint });
    return await work({ sshd, proxy, network, url: sshd.url().replace(`:${sshd.port}`, `:${proxy.port}`) });
  } finally {
    await proxy.close();
  }
}

test.serial(`cut at ${CUTS} places of an upload: going on from what arrived gives the same file`, async (t) => {
  await throughProxy(async ({ sshd, proxy, url, network }) => {
    const bytes = randomBytes(MIB + 123);
    for (let round = 0; round < CUTS; round += 1) {
      const path = join(sshd.home, `up-${round}`);
      const after = somewhere(round, bytes.length);
      let connection = 0;
      proxy.setFaults(() => ((connection += 1) === 1 ? { up: { after, how: round % 2 === 0 ? 'cut' : 'reset' } } : undefined));
      await withSftp(url, network, async (transport) => {
        const send = async (): Promise<void> => {
          const offset = (await transport.stat(path))?.size ?? 0;
          t.true(bytes.subarray(0, offset).equals((await readFile(path).catch(() => Buffer.alloc(0))).subarray(0, offset)), 'what arrived is a prefix, without holes');
          await transport.write(path, chunked(bytes.subarray(offset), 100_000), { offset, size: bytes.length });
        };
        const error = await t.throwsAsync(send(), { code: 'network-failed' }, `cut after ${after}`);
        t.regex(error?.message ?? '', /run it again/);
        // The server may still be at work on what it got before the cut.
        for (;;) {
          const refused: unknown = await send().catch((failure: unknown) => failure);
          if (refused === undefined) break;
          if (!isImgkitError(refused, 'remote-refused')) throw refused;
        }
      });
      t.true((await readFile(path)).equals(bytes), `cut after ${after}`);
    }
  });
});

test.serial(`cut at ${CUTS} places of a download: going on from what arrived gives the same file`, async (t) => {
  await throughProxy(async ({ sshd, proxy, url, network }) => {
    const bytes = randomBytes(MIB + 123);
    const path = join(sshd.home, 'down');
    await plantFor(sshd, path, bytes);
    for (let round = 0; round < CUTS; round += 1) {
      const after = somewhere(round, bytes.length);
      let connection = 0;
      proxy.setFaults(() => ((connection += 1) === 1 ? { down: { after, how: round % 2 === 0 ? 'cut' : 'reset' } } : undefined));
      await withSftp(url, network, async (transport) => {
        let got = Buffer.alloc(0);
        const fetch = async (): Promise<void> => {
          const version = (await transport.stat(path))?.version;
          for await (const chunk of transport.read(path, { offset: got.length, version })) got = Buffer.concat([got, chunk]);
        };
        await t.throwsAsync(fetch(), { code: 'network-failed' }, `cut after ${after}`);
        t.true(got.length < bytes.length);
        await fetch();
        t.true(got.equals(bytes), `cut after ${after}`);
      });
    }
  });
});

test.serial('a flipped bit ends the session: SSH proves every packet', async (t) => {
  await throughProxy(async ({ sshd, proxy, url, network }) => {
    const path = join(sshd.home, 'flip');
    await plantFor(sshd, path, randomBytes(MIB));
    proxy.setFaults(() => ({ down: { flip: 500_000 } }));
    await t.throwsAsync(withSftp(url, network, (transport) => collect(transport.read(path))), { code: 'network-failed' });
  });
});

test.serial('a server that falls silent: requests end with the idle time-out, in both directions', async (t) => {
  await throughProxy(async ({ sshd, proxy, url, network }) => {
    const path = join(sshd.home, 'silent');
    await plantFor(sshd, path, randomBytes(4 * MIB));
    proxy.setFaults(() => ({ down: { after: 500_000, how: 'stall' } }));
    await t.throwsAsync(withSftp(url, { ...network, idleTimeout: 500 }, (transport) => collect(transport.read(path))), { code: 'network-timeout', message: /silent for 0.5 s/ });
    proxy.setFaults(() => ({ up: { after: 500_000, how: 'stall' } }));
    await t.throwsAsync(withSftp(url, { ...network, idleTimeout: 500 }, (transport) => transport.write(path, chunked(randomBytes(20 * MIB)))), { code: 'network-timeout' });
    proxy.setFaults(() => ({ down: { after: 10, how: 'stall' } }));
    await t.throwsAsync(withSftp(url, { ...network, connectTimeout: 500 }, (transport) => transport.stat(path)), { code: 'network-timeout', message: /within 0.5 s/ });
  });
});

test.serial('random access to a large file moves little more than what is asked for', async (t) => {
  await throughProxy(async ({ sshd, proxy, url, network }) => {
    const bytes = randomBytes(32 * MIB);
    const path = join(sshd.home, 'large');
    await plantFor(sshd, path, bytes);
    await withSftp(url, network, async (transport) => {
      const version = (await transport.stat(path))?.version;
      const before = { ...proxy.bytes };
      for (let i = 0; i < 100; i += 1) {
        const offset = randomInt(0, bytes.length - 512);
        t.true((await collect(transport.read(path, { offset, length: 512, version }))).equals(bytes.subarray(offset, offset + 512)));
      }
      t.true(proxy.bytes.down - before.down < 100 * (512 + 1024), `${proxy.bytes.down - before.down} bytes`);
      t.true(proxy.bytes.up - before.up < 100 * 1024);
    });
  });
});

test.serial('the server killed in the middle of an upload: an error; started again, the same transport goes on', async (t) => {
  const sshd = await server();
  const bytes = randomBytes(8 * MIB);
  const path = join(sshd.home, 'killed');
  const transport = await openSftpTransport(sshd.url(), await sftpNetwork(scratch, sshd));
  const killing = async function* (): AsyncGenerator<Uint8Array> {
    yield bytes.subarray(0, MIB);
    await sshd.kill();
    yield bytes.subarray(MIB);
  };
  await t.throwsAsync(transport.write(path, killing(), { size: bytes.length }), { code: 'network-failed' });
  await t.throwsAsync(transport.stat(path), { code: 'network-unreachable' });
  await sshd.start();
  const offset = (await transport.stat(path))?.size ?? 0;
  t.true(offset <= MIB);
  await transport.write(path, chunked(bytes.subarray(offset)), { offset, size: bytes.length });
  await transport.close();
  t.true((await readFile(path)).equals(bytes));
  await t.throwsAsync(transport.stat(path), { code: 'network-failed', message: /closed before/ });
});

test.serial('abort: while nobody answers, while the source says nothing', async (t) => {
  await throughProxy(async ({ sshd, proxy, url, network }) => {
    proxy.setFaults(() => ({ down: { after: 10, how: 'stall' } }));
    await withSftp(url, network, async (transport) => {
      const abort = new AbortController();
      const waiting = transport.stat('/', { signal: abort.signal });
      await delay(100);
      abort.abort();
      await t.throwsAsync(waiting, { code: 'interrupted' });
    });
    proxy.setFaults(undefined);
    await withSftp(url, network, async (transport) => {
      const abort = new AbortController();
      const silent = async function* (): AsyncGenerator<Uint8Array> {
        yield randomBytes(1000);
        abort.abort();
        await new Promise(() => undefined);
      };
      await t.throwsAsync(transport.write(join(sshd.home, 'aborted'), silent(), { signal: abort.signal }), { code: 'interrupted' });
    });
  });
});

test.serial('a folder that may not be written to, a file that may not be read, a file where a folder should be', async (t) => {
  const sshd = await server();
  const closed = join(sshd.home, 'closed');
  await plantFor(sshd, join(closed, 'secret'), randomBytes(10));
  await chmod(join(closed, 'secret'), 0o000);
  await chmod(closed, 0o500);
  await withSftp(sshd.url(), await sftpNetwork(scratch, sshd), async (transport) => {
    const refused = { code: 'remote-refused', message: /may not/ } as const;
    await t.throwsAsync(transport.write(join(closed, 'new'), chunked(randomBytes(10))), refused);
    await t.throwsAsync(collect(transport.read(join(closed, 'secret'))), refused);
    await t.throwsAsync(transport.remove(join(closed, 'secret')), refused);
    await t.throwsAsync(transport.makeFolder(join(closed, 'sub', 'deep')), refused);
    await t.throwsAsync(transport.rename(join(closed, 'secret'), join(sshd.home, 'stolen')), refused);
    t.is(await transport.hash(join(closed, 'secret')), undefined);
    await transport.write(join(sshd.home, 'plain'), chunked(randomBytes(10)));
    await t.throwsAsync(transport.makeFolder(join(sshd.home, 'plain', 'sub')), { code: 'remote-refused' });
    await t.throwsAsync(transport.rename(join(sshd.home, 'plain'), closed), { code: 'remote-refused' });
  });
});

test.serial('the disk at the far end is full: remote-full, and the session goes on', async (t) => {
  const sshd = await server();
  const folder = join(sshd.home, 'small');
  await mkdir(folder);
  await runOrThrow('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=0777', 'tmpfs', folder]);
  try {
    await withSftp(sshd.url(), await sftpNetwork(scratch, sshd), async (transport) => {
      const path = join(folder, 'file');
      await t.throwsAsync(transport.write(path, chunked(randomBytes(3 * MIB)), { size: 3 * MIB }), { code: 'remote-full', message: /small\/file: the disk there is full/ });
      await transport.remove(path);
      await transport.write(path, chunked(randomBytes(MIB / 2)));
    });
  } finally {
    await runOrThrow('umount', ['--lazy', folder]);
  }
});

test.serial('a server with SFTP and nothing else (internal-sftp): the same, but without a hash', async (t) => {
  const only = await startSshd({ config: ['ForceCommand internal-sftp', 'Subsystem sftp internal-sftp'] });
  try {
    await withSftp(only.url(), await sftpNetwork(scratch, only), async (transport) => {
      t.like(await transport.abilities(only.home), { hash: false, rename: 'replace', append: true });
      const bytes = randomBytes(MIB);
      const path = join(only.home, 'file');
      await transport.write(path, chunked(bytes));
      t.is(await transport.hash(path), undefined);
      t.true((await collect(transport.read(path))).equals(bytes));
    });
  } finally {
    await only.stop();
  }
});

test.serial('new keys in the middle of a transfer, as servers ask for after a while', async (t) => {
  const often = await startSshd({ config: ['RekeyLimit 1M'] });
  try {
    await withSftp(often.url(), await sftpNetwork(scratch, often), async (transport) => {
      const bytes = randomBytes(12 * MIB);
      const path = join(often.home, 'file');
      await transport.write(path, chunked(bytes));
      t.true((await readFile(path)).equals(bytes));
      t.true((await collect(transport.read(path))).equals(bytes));
    });
  } finally {
    await often.stop();
  }
});
