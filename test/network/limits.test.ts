import test from 'ava';
import { oneLine } from '../../src/network/one-line.js';
import { limitRate } from '../../src/network/rate-limit.js';
import { redactUrl } from '../../src/network/redact-url.js';
import { checkRemotePath, isRemoteName } from '../../src/network/remote-path.js';
import { totalTimeLimit } from '../../src/network/time-limit.js';
import { collect } from '../content/bytes.js';

async function* of(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

test('a rate keeps every byte and takes its time', async (t) => {
  const bytes = Buffer.from(Array.from({ length: 50_000 }, (_, at) => at % 256));
  const before = performance.now();
  t.true((await collect(limitRate(of(bytes.subarray(0, 3), bytes.subarray(3)), 100_000))).equals(bytes));
  t.true(performance.now() - before >= 230, `${performance.now() - before}`);
  t.true((await collect(limitRate(of(bytes), undefined))).equals(bytes));
  t.true((await collect(limitRate(of(bytes.subarray(0, 2)), 1))).length === 2);
});

test('a rate does not keep an abort waiting', async (t) => {
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 30);
  await t.throwsAsync(collect(limitRate(of(Buffer.alloc(1000)), 10, abort.signal)), { code: 'interrupted' });
});

test('the total time ends work, and so does its parent', async (t) => {
  const limit = totalTimeLimit(30, undefined, 'drop.example');
  await new Promise((resolve) => { limit.signal?.addEventListener('abort', resolve); });
  t.like(limit.signal?.reason, { code: 'network-timeout' });
  const parent = new AbortController();
  const child = totalTimeLimit(60_000, parent.signal, 'h');
  parent.abort();
  t.true(child.signal?.aborted);
  child.done();
  t.is(totalTimeLimit(undefined, parent.signal, 'h').signal, parent.signal);
});

test('paths and names that lead elsewhere', (t) => {
  for (const path of ['/a\rb', '/a\nb', '/a\0b', '\r\nDELE x']) t.throws(() => checkRemotePath(path, 'host'), { code: 'location-invalid' });
  t.notThrows(() => checkRemotePath('/pub/ü 日本 %20?.tar', 'host'));
  for (const name of ['', '.', '..', 'a/b', '../x', '/etc', 'a\\b', 'a\nb', 'a\u001b[2J', 'a\u009bb', 'x'.repeat(256), '🚢'.repeat(64)]) t.false(isRemoteName(name), name);
  for (const name of ['a', '...', '.hidden', ' ', '日本', '-rf', 'a..b', '~']) t.true(isRemoteName(name), name);
});

test('a URL for people', (t) => {
  t.is(redactUrl('https://user:pass@drop.example:8443/a%20b?X-Amz-Signature=abc#frag'), 'https://drop.example:8443/a%20b?…');
  t.is(redactUrl('http://[::1]:80/a'), 'http://[::1]/a');
  t.is(redactUrl('nonsense with secret'), '(malformed URL)');
});

test('what a server says is one short line', (t) => {
  t.is(oneLine('a\u001b[31m\nb\u202e  c'), 'a [31m b c');
  t.true(oneLine('x'.repeat(100_000)).length < 320);
});
