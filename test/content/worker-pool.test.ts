import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import type { BlobPass } from '../../src/content/blob-pass.js';
import { createBlobPool, type BlobPool, type BlobPoolOptions } from '../../src/content/worker-pool.js';
import { WorkerSupply } from '../../src/content/worker-supply.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { rejectsWith, sampleBytes, sha256 } from './bytes.js';
import { countingTools } from './counting-tools.js';
import { tempFile } from './temp.js';

const SCRIPT = new URL('./blob-worker.js', import.meta.url);
const BYTES = sampleBytes(6 << 20);
const DIGEST = sha256(BYTES);

function poolFor(t: ExecutionContext, options: Partial<BlobPoolOptions> = {}): BlobPool {
  const pool = createBlobPool({ script: SCRIPT, workers: 2, ...options });
  t.teardown(() => pool.close());
  return pool;
}

async function passOver(t: ExecutionContext, name = 'blob', bytes: Uint8Array = BYTES): Promise<BlobPass> {
  const { fd } = await tempFile(t, bytes);
  return { name, input: { fd, offset: 0, length: bytes.length }, compression: 'none', algorithm: 'sha256', scanLayer: true, limits: DEFAULT_LIMITS };
}

test('more passes than workers, each with its result and its progress', async (t) => {
  const pool = poolFor(t);
  const pass = await passOver(t);
  const seen: number[] = [];
  const results = await Promise.all(Array.from({ length: 7 }, () => pool.run(pass, { onBytes: (done) => seen.push(done) })));
  for (const result of results) t.is(result.digest, DIGEST);
  t.is(seen.filter((done) => done === BYTES.length).length >= 7, true);
});

test('errors arrive with code, sentence and details, and the worker goes on', async (t) => {
  const pool = poolFor(t, { workers: 1 });
  const error = await rejectsWith(t, 'tar-malformed', pool.run(await passOver(t, 'refuse')));
  t.deepEqual(error.details, { file: 'refuse', entry: 'e', offset: 512, expected: 'a', found: 'b' });
  t.is(error.message, 'refuse: a bad header.');
  await t.throwsAsync(pool.run(await passOver(t, 'bug')), { message: 'not a function' });
  t.is((await pool.run(await passOver(t))).digest, DIGEST);
});

test('a worker that dies rejects its pass and is replaced', async (t) => {
  const pool = poolFor(t, { workers: 1 });
  const good = await passOver(t);
  const [died, other] = await Promise.allSettled([pool.run(await passOver(t, 'die')), pool.run(good)]);
  t.is(died.status, 'rejected');
  if (died.status === 'rejected') t.is((died.reason as { code: string }).code, 'io-failed');
  t.is(other.status, 'fulfilled');
  const missing = poolFor(t, { script: new URL('./no-such-script.js', import.meta.url) });
  await rejectsWith(t, 'io-failed', missing.run(good));
});

test('a thread that cannot be started is an error of who needs it, not of who expects to', async (t) => {
  // Node refuses it at once, as it does where the process may start no more threads.
  const pool = poolFor(t, { script: new URL('https://nowhere.example/worker.js') });
  t.notThrows(() => pool.expect([BYTES.length, BYTES.length]));
  await t.throwsAsync(pool.run(await passOver(t)), { code: 'ERR_INVALID_URL_SCHEME' });
});

test('when a worker dies and no other can be started, who waited for it is told, in another pool that shares it, too', async (t) => {
  const good = await passOver(t);
  for (const pools of [1, 3]) {
    // Node refuses at once what this becomes, as it does where the process may start no more threads.
    const script = new URL(SCRIPT);
    const supply = new WorkerSupply(script, 1);
    const [first, ...others] = Array.from({ length: pools }, () => poolFor(t, { workers: 1, script: supply })) as [BlobPool, ...BlobPool[]];
    const all = Promise.allSettled([first.run(await passOver(t, 'die')), (others[0] ?? first).run(good), (others[1] ?? first).run(good)]);
    script.href = 'https://nowhere.example/worker.js';
    t.deepEqual((await all).map((each) => each.status === 'rejected' && (each.reason as { code: string }).code), ['io-failed', 'ERR_INVALID_URL_SCHEME', 'ERR_INVALID_URL_SCHEME']);
  }
});

test('abort: running, waiting, and before it starts', async (t) => {
  const pool = poolFor(t, { workers: 1 });
  const controller = new AbortController();
  const slow = await passOver(t, 'slow', sampleBytes(64 << 20));
  const running = pool.run(slow, { signal: controller.signal, onBytes: (done) => done > 0 && controller.abort() });
  const waiting = pool.run(slow, { signal: controller.signal });
  await Promise.all([rejectsWith(t, 'interrupted', running), rejectsWith(t, 'interrupted', waiting)]);
  await rejectsWith(t, 'interrupted', pool.run(slow, { signal: controller.signal }));
  t.is((await pool.run(await passOver(t))).digest, DIGEST);
});

test('close interrupts, waits, and may be repeated', async (t) => {
  const pool = poolFor(t, { workers: 1 });
  const slow = await passOver(t, 'slow', sampleBytes(64 << 20));
  const both = [pool.run(slow), pool.run(slow)].map((running) => rejectsWith(t, 'interrupted', running));
  await pool.close();
  await Promise.all(both);
  await pool.close();
  await rejectsWith(t, 'interrupted', pool.run(slow));
});

test('small passes need no worker', async (t) => {
  const script = new URL('./no-such-script.js', import.meta.url);
  const pool = poolFor(t, { script, tools: countingTools });
  const small = sampleBytes(1 << 20);
  for (let i = 0; i < 4; i += 1) t.is((await pool.run(await passOver(t, 'blob', small))).digest, sha256(small));
  // Four megabytes are spent: from now on workers do it.
  await rejectsWith(t, 'io-failed', pool.run(await passOver(t, 'blob', small)));
});

test('a small blob that comes to much is left to a worker', async (t) => {
  // To 350 times its size, which the limits for layers allow.
  const plain = Buffer.alloc(16 << 20);
  for (let at = 0; at < plain.length; at += 4096) plain.writeUInt32LE(at ** 2 % 2 ** 32, at);
  const pass: BlobPass = { ...(await passOver(t, 'blob', gzipSync(plain))), compression: 'gzip' };
  const result = await poolFor(t, { tools: countingTools }).run(pass);
  t.is(result.decompressedSize, 16 << 20);
  await rejectsWith(t, 'io-failed', poolFor(t, { script: new URL('./no-such-script.js', import.meta.url), tools: countingTools }).run(pass));
  await rejectsWith(t, 'limit-exceeded', poolFor(t, { tools: countingTools }).run({ ...pass, limits: { ...DEFAULT_LIMITS, compressionRatio: 20, ratioFloor: 0 } }));
});

test('workers start when much is expected, and not for little', async (t) => {
  const small = await passOver(t, 'blob', sampleBytes(1 << 20));
  const script = new URL('./no-such-script.js', import.meta.url);
  const little = poolFor(t, { script, tools: countingTools });
  little.expect([1 << 20, 1 << 20]);
  t.is((await little.run(small)).size, 1 << 20);
  const much = poolFor(t, { tools: countingTools });
  much.expect([8 << 20, 8 << 20, 8 << 20]);
  const results = await Promise.all([1, 2, 3, 4].map(async () => much.run(await passOver(t))));
  for (const { digest } of results) t.is(digest, DIGEST);
  const wrong = poolFor(t, { script, tools: countingTools });
  wrong.expect([8 << 20]);
  await rejectsWith(t, 'io-failed', wrong.run(small));
  await wrong.close();
  wrong.expect([8 << 20]);
  await rejectsWith(t, 'interrupted', wrong.run(small));
});

test.serial('pools that share their workers start no more than are shared, and each ends what is its own', async (t) => {
  const supply = new WorkerSupply(SCRIPT, 2);
  const pools = Array.from({ length: 5 }, () => poolFor(t, { script: supply }));
  let started = 0;
  const count = (): void => void (started += 1);
  process.on('worker', count);
  t.teardown(() => process.off('worker', count));
  for (const pool of pools) pool.expect([8 << 20, 8 << 20]);
  const good = await passOver(t);
  const stopped = [good, good, good].map((pass) => rejectsWith(t, 'interrupted', (pools[0] as BlobPool).run(pass)));
  const others = Promise.all(pools.slice(1).flatMap((pool) => [pool.run(good), pool.run(good)]));
  await (pools[0] as BlobPool).close();
  await Promise.all(stopped);
  for (const { digest } of await others) t.is(digest, DIGEST);
  t.is(started, 2);
  await Promise.all(pools.map((pool) => pool.close()));
  // The threads have ended with the last of them; who comes later starts others.
  t.false(supply.hasIdle);
  t.is((await poolFor(t, { script: supply }).run(good)).digest, DIGEST);
});

test('idle workers do not keep the process alive', async (t) => {
  const pool = new URL('../../src/content/worker-pool.js', import.meta.url).href;
  const script = `
    import { openSync } from 'node:fs';
    import { createBlobPool } from ${JSON.stringify(pool)};
    const fd = openSync(process.execPath);
    const pool = createBlobPool({ script: new URL(${JSON.stringify(SCRIPT.href)}) });
    const pass = { input: { fd, offset: 0, length: 8 << 20 }, compression: 'none', algorithm: 'sha256', scanLayer: true, limits: {} };
    pool.expect([8 << 20, 8 << 20]);
    console.log((await pool.run(pass)).size);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { timeout: 60_000 });
  t.is(stdout.trim(), String(8 << 20));
});

test('what a listener throws while a worker reads ends the pass, not the process', async (t) => {
  const pool = poolFor(t, { workers: 1 });
  const pass = await passOver(t, 'slow', sampleBytes(96 << 20));
  const failing = (): void => {
    throw new Error('the listener fails');
  };
  await t.throwsAsync(pool.run(pass, { onBytes: failing }), { message: 'the listener fails' });
  t.is((await pool.run(await passOver(t))).digest, DIGEST);
});

test('pools that are closed while their threads begin leave no file open', async (t) => {
  // Node 20 left one of forty.
  const script = `
    import { existsSync, readdirSync, readlinkSync } from 'node:fs';
    import { setTimeout as delay } from 'node:timers/promises';
    import { PoolWorker } from ${JSON.stringify(new URL('../../src/content/pool-worker.js', import.meta.url).href)};
    const script = new URL(${JSON.stringify(SCRIPT.href)});
    for (let i = 0; i < 40; i += 1) {
      const threads = [1, 2, 3].map(() => new PoolWorker(script));
      await delay(i % 30);
      await Promise.all(threads.map((thread) => thread.terminate()));
    }
    const open = (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd') : []).map((fd) => { try { return readlinkSync('/proc/self/fd/' + fd); } catch { return ''; } });
    console.log(JSON.stringify(open.filter((path) => path.endsWith('blob-worker.js'))));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { timeout: 60_000 });
  t.is(stdout, '[]\n');
});
