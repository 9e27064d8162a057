import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { makeImage } from '../../samples/make-image.js';
import * as facade from '../../src/index.js';
import { tempFolder } from '../content/temp.js';

const folder = resolve(import.meta.dirname, '../../lib');
const library = (await import(pathToFileURL(join(folder, 'index.js')).href)) as typeof facade;

test('what programs import has every name of the facade, and no other', (t) => {
  t.deepEqual(Object.keys(library).sort(), Object.keys(facade).sort());
});

test('importing it reads two files, and no package: those wait until they are needed', async (t) => {
  const [read, packages] = [new Set<string>(), new Set<string>()];
  const visit = async (name: string): Promise<void> => {
    if (read.has(name)) return;
    read.add(name);
    for (const [, from = ''] of (await readFile(join(folder, name), 'utf8')).matchAll(/^(?:import|export|\}) ?(?:[^"\n]*from )?"([^"]+)";$/gm)) {
      if (from.startsWith('./')) await visit(from.slice(2));
      else if (!from.startsWith('node:')) packages.add(from);
    }
  };
  await visit('index.js');
  t.deepEqual([...packages], []);
  t.is(read.size, 2, [...read].join('\n'));
});

test('it moves an image, with its own workers, and encrypts and opens an archive', async (t) => {
  const work = await tempFolder(t);
  const [tar, saved, store] = [join(work, 'app.tar'), join(work, 'saved.tar'), join(work, 'store')];
  await makeImage({ output: tar });
  await library.load({ from: tar, storeFolder: store });
  const [image] = (await library.list({ location: 'store:', storeFolder: store })).images;
  const name = image?.names[0] ?? '';
  await library.save({ images: [`store:${name}`], output: `oci-archive:${saved}`, compress: 'gzip', storeFolder: store });
  t.true((await library.verify({ target: saved })).ok);
  const { publicLine = '' } = await library.keygen({ type: 'age', folder: work });
  await library.encrypt({ input: saved, output: `${saved}.age`, recipients: [publicLine] });
  const found = await library.verify({ target: `${saved}.age`, decryption: { identities: [join(work, 'age.agekey')] } });
  t.true(found.ok, JSON.stringify(found.findings));
  const error = await t.throwsAsync(library.inspect({ location: join(work, 'none.tar') }));
  t.true(library.isImgkitError(error, 'file-not-found'));
});
