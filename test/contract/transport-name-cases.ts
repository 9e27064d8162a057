import { collect } from '../content/bytes.js';
import { chunked, noise, type RegisterCase, type TransportUnderTest } from './transport-harness.js';

const NAMES = ['a name with  spaces.tar', ' leading and trailing ', 'grüße-日本語-🚢.tar', 'hash#mark.tar', 'per%cent%20.tar', 'what?.tar', '-rf', '--help.tar', 'semi;colon&and.tar', "quote'\"s.tar", '[brackets]*.tar', '~tilde', 'plus+.tar'];

/** File names that a protocol could take for something else. */
export function transportNameCases(register: RegisterCase, { abilities, impossibleNames = [] }: TransportUnderTest): void {
  for (const name of NAMES.filter((each) => !impossibleNames.includes(each))) {
    register(`a file named ${JSON.stringify(name)}`, async ({ t, transport, harness, path }) => {
      // Leading characters matter: a folder of its own keeps them leading.
      const folder = path('names');
      await harness.plant(`${folder}/anchor`, noise(1));
      const bytes = noise(5000);
      const target = `${folder}/${name}`;
      await transport.write(target, chunked(bytes), { size: bytes.length });
      t.true((await harness.readBack(target))?.equals(bytes), 'written under this very name');
      t.is((await transport.stat(target))?.size, bytes.length);
      t.true((await collect(transport.read(target))).equals(bytes));
      if (abilities.list) t.deepEqual((await transport.list(folder)).map((entry) => entry.name).sort(), ['anchor', name].sort());
      if (abilities.rename !== 'none') {
        await transport.rename(target, `${target}.renamed`, { replace: false });
        t.true((await harness.readBack(`${target}.renamed`))?.equals(bytes));
        await transport.rename(`${target}.renamed`, target, { replace: false });
      }
      await transport.remove(target);
      t.is(await harness.readBack(target), undefined);
    });
  }

  for (const bad of ['\r', '\n', '\0', '\r\nDELE victim\r\n']) {
    register(`a path with ${JSON.stringify(bad)} is refused`, async ({ t, transport, harness, path }) => {
      await harness.plant(path('victim'), noise(10));
      const target = path(`a${bad}b`);
      const expected = { code: 'location-invalid' };
      await t.throwsAsync(async () => transport.stat(target), expected);
      await t.throwsAsync(async () => collect(transport.read(target)), expected);
      await t.throwsAsync(async () => transport.write(target, chunked(noise(1)), { size: 1 }), expected);
      await t.throwsAsync(async () => transport.remove(target), expected);
      await t.throwsAsync(async () => transport.rename(path('victim'), target), expected);
      if (abilities.list) await t.throwsAsync(async () => transport.list(target), expected);
      t.is((await harness.readBack(path('victim')))?.length, 10);
    });
  }
}
