import { setTimeout as sleep } from 'node:timers/promises';
import type { LentChunk } from '../../src/content/lent-chunk.js';
import { isImgkitError } from '../../src/errors.js';
import type { Abilities } from '../../src/transport/transport.js';
import { chunked, noise, type RegisterCase } from './transport-harness.js';

const MIB = 1024 * 1024;

/** Writing new files, over others, and on from where a cut left them. */
export function transportWriteCases(register: RegisterCase, abilities: Abilities): void {
  for (const size of [0, 1, 65_536, 3 * MIB + 17]) {
    register(`write: a new file of ${size} bytes`, async ({ t, transport, harness, path }) => {
      const bytes = noise(size);
      const told: number[] = [];
      await transport.write(path('file'), chunked(bytes), { size, onSent: (total) => told.push(total) });
      t.true((await harness.readBack(path('file')))?.equals(bytes));
      if (size > 0) t.is(told.at(-1), size);
      t.deepEqual(told, told.toSorted((a, b) => a - b));
    });
  }

  register('write: of a size that is not known before', async ({ t, transport, harness, path }) => {
    const bytes = noise(300_000);
    await transport.write(path('file'), chunked(bytes, 7_777));
    t.true((await harness.readBack(path('file')))?.equals(bytes));
  });

  register('write: lent chunks are done with when the next one is asked for', async ({ t, transport, harness, path }) => {
    const bytes = noise(2 * MIB);
    const memory = Buffer.alloc(700_000);
    const lent = async function* (): AsyncGenerator<LentChunk> {
      for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
        const chunk = memory.subarray(0, Math.min([memory.length, 1, 7000][turn % 3] ?? 1, bytes.length - at));
        bytes.copy(chunk, 0, at);
        at += chunk.length;
        yield chunk;
        memory.fill(0);
      }
    };
    await transport.write(path('file'), lent(), { size: bytes.length, lent: true });
    t.true((await harness.readBack(path('file')))?.equals(bytes));
  });

  register('write: over a longer file leaves nothing of it', async ({ t, transport, harness, path }) => {
    await harness.plant(path('file'), noise(500_000));
    const bytes = noise(1000);
    await transport.write(path('file'), chunked(bytes), { size: bytes.length });
    t.true((await harness.readBack(path('file')))?.equals(bytes));
  });

  register('write: fewer or more bytes than said is an error', async ({ t, transport, path }) => {
    await t.throwsAsync(transport.write(path('short'), chunked(noise(100_000)), { size: 100_001 }));
    await t.throwsAsync(transport.write(path('long'), chunked(noise(100_000)), { size: 99_999 }));
  });

  register('write: into a folder that is not there', async ({ t, transport, harness, path }) => {
    const target = `${path('no-folder')}/file`;
    const error = await t.throwsAsync(transport.write(target, chunked(noise(10)), { size: 10 }));
    t.true(isImgkitError(error, 'file-not-found', 'remote-refused'), String(error));
    t.is(await harness.readBack(target), undefined);
  });

  register('write: an error of the sender comes back as it is, and the transport works on', async ({ t, transport, harness, path }) => {
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield noise(100_000);
      throw new RangeError('the sender broke');
    };
    await t.throwsAsync(transport.write(path('file'), broken(), { size: 200_000 }), { instanceOf: RangeError, message: 'the sender broke' });
    const bytes = noise(1000);
    const fresh = await harness.open();
    await fresh.write(path('other'), chunked(bytes), { size: 1000 });
    await fresh.close();
    t.true((await harness.readBack(path('other')))?.equals(bytes));
  });

  register('write: aborted before and in the middle', async ({ t, transport, harness, path }) => {
    await t.throwsAsync(transport.write(path('before'), chunked(noise(10)), { size: 10, signal: AbortSignal.abort() }), { code: 'interrupted' });
    const abort = new AbortController();
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      for (let sent = 0; sent < 64; sent++) {
        if (sent === 4) abort.abort();
        yield noise(65_536);
        await sleep(1);
      }
    };
    await t.throwsAsync(transport.write(path('file'), endless(), { size: 64 * 65_536, signal: abort.signal }), { code: 'interrupted' });
    if (abilities.partial === 'never') t.is(await harness.readBack(path('file')), undefined);
    else t.true(((await harness.readBack(path('file')))?.length ?? 0) < 64 * 65_536);
  });

  if (!abilities.append) return;
  register('write: continued at the end of what is there', async ({ t, transport, harness, path }) => {
    const bytes = noise(2 * MIB);
    for (const at of [1, 65_536, 1_000_003, 2 * MIB]) {
      await harness.plant(path(`file-${at}`), bytes.subarray(0, at));
      const told: number[] = [];
      await transport.write(path(`file-${at}`), chunked(bytes.subarray(at)), { offset: at, size: bytes.length, onSent: (total) => told.push(total) });
      t.true((await harness.readBack(path(`file-${at}`)))?.equals(bytes), `${at}`);
      if (at < bytes.length) t.is(told.at(-1), bytes.length);
    }
  });
  register('write: at an offset that is not the size is refused, and nothing changes', async ({ t, transport, harness, path }) => {
    const bytes = noise(1000);
    await harness.plant(path('file'), bytes);
    for (const offset of [1, 999, 1001, 5000]) {
      await t.throwsAsync(transport.write(path('file'), chunked(noise(10)), { offset }), { code: 'remote-refused' }, `${offset}`);
      t.true((await harness.readBack(path('file')))?.equals(bytes), `${offset}`);
    }
    await t.throwsAsync(transport.write(path('nothing'), chunked(noise(10)), { offset: 10 }), { code: 'remote-refused' });
  });
}
