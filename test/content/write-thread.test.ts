import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import test from 'ava';
import { WriteThread } from '../../src/content/write-thread.js';
import { makeScratch } from '../helpers/scratch.js';
import { inPieces, rejectsWith, sameBytes, sampleBytes } from './bytes.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

const bytes = sampleBytes(5 * 1024 * 1024 + 7);

for (const [piece, algorithm] of [[60_000, 'sha256'], [2_000_000, 'sha512'], [undefined, 'sha256']] as const) {
  test(`pieces of ${piece ?? 'any'} bytes, ${algorithm}: in the file where they belong, and their digest`, async (t) => {
    const path = await scratch.write(`${algorithm}-${piece ?? 'whole'}`, Buffer.from('before'));
    const handle = await open(path, 'r+');
    const thread = new WriteThread({ handle, offset: 6, name: 'out', algorithm });
    const reused = Buffer.alloc(bytes.length);
    for await (const chunk of inPieces(bytes, piece)) {
      // What was taken may be overwritten at once.
      reused.set(chunk);
      await thread.write(reused.subarray(0, chunk.length));
    }
    t.is(await thread.finish(), `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`);
    await thread.close();
    await thread.close();
    await handle.close();
    sameBytes(t, await readFile(path), Buffer.concat([Buffer.from('before'), bytes]));
  });
}

test('the digest may begin with what the file holds', async (t) => {
  const handle = await open(await scratch.write('known', bytes.subarray(0, 1_000_001)), 'r+');
  const thread = new WriteThread({ handle, offset: 1_000_001, name: 'out' });
  await thread.hashStart(1_000_001);
  await thread.write(bytes.subarray(1_000_001));
  t.is(await thread.finish(), `sha256:${createHash('sha256').update(bytes).digest('hex')}`);
  await thread.close();
  const short = new WriteThread({ handle, name: 'out' });
  const error = await rejectsWith(t, 'tar-truncated', short.hashStart(bytes.length + 1));
  t.regex(error.message, /^out: ends at byte 5242887/);
  await short.close();
  await handle.close();
});

test('nothing written: the digest of nothing', async (t) => {
  const handle = await open(scratch.path('empty'), 'w');
  const thread = new WriteThread({ handle, name: 'out' });
  t.is(await thread.finish(), `sha256:${createHash('sha256').digest('hex')}`);
  await thread.close();
  await handle.close();
});

test('a full disk ends the writing, whichever call hears of it', async (t) => {
  const handle = await open('/dev/full', 'w');
  const thread = new WriteThread({ handle, name: 'out' });
  const writing = async (): Promise<void> => {
    for (let i = 0; i < 100; i += 1) await thread.write(bytes);
    await thread.finish();
  };
  const error = await rejectsWith(t, 'disk-full', writing());
  t.regex(error.message, /^out: /);
  await rejectsWith(t, 'disk-full', thread.finish());
  await thread.close();
  await handle.close();
});

test('several files at once: each gets its own bytes, and one that fails or is given up stops no other', async (t) => {
  const paths = Array.from({ length: 4 }, (_, i) => scratch.path(`several-${i}`));
  const handles = await Promise.all([...paths.map((path) => open(path, 'w')), open('/dev/full', 'w')]);
  const threads = handles.map((handle, i) => new WriteThread({ handle, name: `out-${i}` }));
  const contentOf = (i: number): Uint8Array => bytes.subarray(i);
  const outcomes = await Promise.allSettled(threads.map(async (thread, i) => {
    for await (const chunk of inPieces(contentOf(i), 300_000)) await thread.write(chunk);
    if (i === 1) {
      await thread.close();
      // Whatever was not written by now is not written any more.
      await handles[i]?.truncate(0);
      return '';
    }
    return thread.finish();
  }));
  for (const [i, path] of paths.entries()) {
    const outcome = outcomes[i];
    if (i === 1) t.is((await readFile(path)).length, 0);
    else {
      t.deepEqual(outcome, { status: 'fulfilled', value: `sha256:${createHash('sha256').update(contentOf(i)).digest('hex')}` });
      sameBytes(t, await readFile(path), contentOf(i));
    }
  }
  t.is(outcomes.at(-1)?.status, 'rejected');
  await Promise.all(threads.map((thread) => thread.close()));
  await Promise.all(handles.map((handle) => handle.close()));
});
