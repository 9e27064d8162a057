import type { Abilities } from '../../src/transport/transport.js';
import { digestOf } from '../../src/content/digest.js';
import { chunked, noise, type RegisterCase } from './transport-harness.js';

/** What is known of files, and what is done to them without reading. */
export function transportFileCases(register: RegisterCase, abilities: Abilities): void {
  register('abilities are those of the server', async ({ t, transport, harness }) => {
    t.deepEqual(await transport.abilities(harness.folder), abilities);
    t.regex(transport.origin, /^[a-z]+:\/\/[^/?#]*$/);
  });

  register('stat: a file, nothing', async ({ t, transport, harness, path }) => {
    await harness.plant(path('file'), noise(1234));
    t.like(await transport.stat(path('file')), { kind: 'file', size: 1234 });
    t.is(await transport.stat(path('nothing')), undefined);
    t.is(await transport.stat(`${path('no-folder')}/nothing`), undefined);
    if (abilities.list) t.is((await transport.stat(harness.folder))?.kind, 'folder');
  });

  register('stat: the version changes with the content, and not without', async ({ t, transport, harness, path }) => {
    await harness.plant(path('file'), noise(100));
    const first = await transport.stat(path('file'));
    t.is((await transport.stat(path('file')))?.version, first?.version);
    await harness.plant(path('file'), noise(101));
    const second = await transport.stat(path('file'));
    if (first?.version !== undefined) t.not(second?.version, first.version);
    t.is(second?.size, 101);
  });

  if (abilities.list) {
    // A part that was left is found so.
    if (abilities.partial !== 'never') {
      register('list: hidden names too', async ({ t, transport, harness, path }) => {
        await harness.plant(`${path('hiding')}/.a.tar.0123456789abcdef.part`, noise(7));
        t.deepEqual((await transport.list(path('hiding'))).map(({ name, size }) => [name, size]), [['.a.tar.0123456789abcdef.part', 7]]);
      });
    }

    register('list: names, kinds and sizes, in a folder of its own', async ({ t, transport, harness, path }) => {
      const folder = path('folder');
      await transport.makeFolder(`${folder}/sub`);
      await transport.makeFolder(`${folder}/sub`);
      await harness.plant(`${folder}/a.tar`, noise(10));
      await harness.plant(`${folder}/empty`, noise(0));
      const entries = await transport.list(folder);
      t.deepEqual(entries.map(({ name, kind }) => `${name} ${kind}`).sort(), ['a.tar file', 'empty file', 'sub folder']);
      t.is(entries.find(({ name }) => name === 'a.tar')?.size, 10);
      t.deepEqual(await transport.list(`${folder}/sub`), []);
      t.is((await transport.list(`${folder}/`)).length, 3);
    });
    register('list: a folder that is not there', async ({ t, transport, path }) => {
      await t.throwsAsync(transport.list(path('nothing')), { code: 'file-not-found' });
    });
  } else {
    register('list is refused where the server has none', async ({ t, transport, harness }) => {
      await t.throwsAsync(transport.list(harness.folder), { code: 'location-unsupported' });
    });
  }

  register(`hash: ${abilities.hash ? 'is computed by the server' : 'undefined'}`, async ({ t, transport, harness, path }) => {
    const bytes = noise(200_000);
    for (const name of ['file', "a file's  copy"]) {
      await harness.plant(path(name), bytes);
      t.is(await transport.hash(path(name)), abilities.hash ? digestOf(bytes) : undefined, name);
    }
  });

  register('remove: a file, and nothing without an error', async ({ t, transport, harness, path }) => {
    await harness.plant(path('file'), noise(10));
    await transport.remove(path('file'));
    t.is(await harness.readBack(path('file')), undefined);
    await transport.remove(path('file'));
  });

  if (abilities.rename === 'none') return;
  register('rename: to a free name', async ({ t, transport, harness, path }) => {
    const bytes = noise(5000);
    await transport.write(path('.a.part'), chunked(bytes), { size: bytes.length });
    await transport.rename(path('.a.part'), path('a'), { replace: false });
    t.deepEqual(await harness.readBack(path('a')), bytes);
    t.is(await harness.readBack(path('.a.part')), undefined);
  });
  register('rename: a taken name is refused, and both files stay', async ({ t, transport, harness, path }) => {
    await harness.plant(path('from'), Buffer.from('new'));
    await harness.plant(path('to'), Buffer.from('old'));
    await t.throwsAsync(transport.rename(path('from'), path('to'), { replace: false }), { code: 'remote-refused' });
    t.is((await harness.readBack(path('to')))?.toString(), 'old');
    t.is((await harness.readBack(path('from')))?.toString(), 'new');
  });
  register('rename: takes the place of a file when it may', async ({ t, transport, harness, path }) => {
    await harness.plant(path('from'), Buffer.from('new'));
    await harness.plant(path('to'), Buffer.from('old'));
    await transport.rename(path('from'), path('to'), { replace: true });
    t.is((await harness.readBack(path('to')))?.toString(), 'new');
    t.is(await harness.readBack(path('from')), undefined);
  });
  register('rename: a file that is not there', async ({ t, transport, path }) => {
    await t.throwsAsync(transport.rename(path('nothing'), path('to')), { code: 'file-not-found' });
  });
}
