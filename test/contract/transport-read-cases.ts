import type { Abilities } from '../../src/transport/transport.js';
import { collect } from '../content/bytes.js';
import { noise, type RegisterCase } from './transport-harness.js';

const MIB = 1024 * 1024;

/** Reading whole files and parts of them. */
export function transportReadCases(register: RegisterCase, abilities: Abilities): void {
  for (const size of [0, 1, 65_536, 3 * MIB + 17]) {
    register(`read: a whole file of ${size} bytes`, async ({ t, transport, harness, path }) => {
      const bytes = noise(size);
      await harness.plant(path('file'), bytes);
      t.true((await collect(transport.read(path('file')))).equals(bytes));
    });
  }

  if (abilities.readRange) {
    register('read: from an offset, ranges, the last byte, nothing', async ({ t, transport, harness, path }) => {
      const bytes = noise(2 * MIB + 5);
      await harness.plant(path('file'), bytes);
      for (const [offset, length] of [[0, 1], [1, 10], [512, 512], [MIB - 1, MIB + 3], [bytes.length - 1, 1], [700_001, undefined], [bytes.length - 1, undefined]] as const) {
        const part = await collect(transport.read(path('file'), { offset, length }));
        t.true(part.equals(bytes.subarray(offset, length === undefined ? undefined : offset + length)), `${offset} ${String(length)}`);
      }
      t.is((await collect(transport.read(path('file'), { offset: 5, length: 0 }))).length, 0);
    });
    register('read: past the end fails', async ({ t, transport, harness, path }) => {
      await harness.plant(path('file'), noise(1000));
      for (const [offset, length] of [[0, 1001], [999, 2], [1000, 1], [5000, 10]] as const) {
        await t.throwsAsync(collect(transport.read(path('file'), { offset, length })), { code: 'network-failed' }, `${offset} ${length}`);
      }
      t.is((await collect(transport.read(path('file'), { offset: 999, length: 1 }))).length, 1);
    });
    register('read: several ranges at once', async ({ t, transport, harness, path }) => {
      const bytes = noise(MIB);
      await harness.plant(path('file'), bytes);
      const offsets = [0, 100_000, 500_000, 900_000];
      const parts = await Promise.all(offsets.map((offset) => collect(transport.read(path('file'), { offset, length: 50_000 }))));
      for (const [i, offset] of offsets.entries()) t.true(parts[i]?.equals(bytes.subarray(offset, offset + 50_000)));
    });
    register('read: a version that is no longer there fails', async ({ t, transport, harness, path }) => {
      await harness.plant(path('file'), noise(1000));
      const version = (await transport.stat(path('file')))?.version;
      if (version === undefined) {
        t.pass('this server has no versions');
        return;
      }
      t.is((await collect(transport.read(path('file'), { version, offset: 10 }))).length, 990);
      await harness.plant(path('file'), noise(1001));
      await t.throwsAsync(collect(transport.read(path('file'), { version, offset: 10, length: 10 })), { code: 'network-failed' });
    });
  }

  register('read: a file that is not there', async ({ t, transport, path }) => {
    await t.throwsAsync(collect(transport.read(path('nothing'))), { code: 'file-not-found' });
  });

  register('read: who stops early leaves a transport that works', async ({ t, transport, harness, path }) => {
    const bytes = noise(4 * MIB);
    await harness.plant(path('file'), bytes);
    for (let round = 0; round < 3; round++) {
      for await (const chunk of transport.read(path('file'))) {
        t.true(chunk.length > 0);
        break;
      }
    }
    t.true((await collect(transport.read(path('file')))).equals(bytes));
    t.is((await transport.stat(path('file')))?.size, bytes.length);
  });

  register('read: aborted before and in the middle', async ({ t, transport, harness, path }) => {
    await harness.plant(path('file'), noise(4 * MIB));
    await t.throwsAsync(collect(transport.read(path('file'), { signal: AbortSignal.abort() })), { code: 'interrupted' });
    const abort = new AbortController();
    await t.throwsAsync(async () => {
      for await (const chunk of transport.read(path('file'), { signal: abort.signal })) if (chunk.length > 0) abort.abort();
    }, { code: 'interrupted' });
    const fresh = await harness.open();
    t.is((await collect(fresh.read(path('file')))).length, 4 * MIB);
    await fresh.close();
  });
}
