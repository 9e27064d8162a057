import { rm, symlink } from 'node:fs/promises';
import test from 'ava';
import { edit, extract, list, load, save, verify } from '../../src/index.js';
import { hybridParts, named } from '../helpers/archive-parts.js';
import { image, pack } from '../helpers/image-builder.js';
import { makeScratch } from '../helpers/scratch.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

test('what is in a store that cannot be written to can be taken out of it, and nothing be put in', async (t) => {
  const storeFolder = scratch.path('store');
  const from = await scratch.write('app.tar', pack(hybridParts([named(image(), 'app:1')])));
  await load({ from, storeFolder });
  await rm(`${storeFolder}/.imgkit`, { recursive: true });
  // Nobody makes files there, root neither; a read-only mount, which takes root to make, answers EROFS.
  await symlink('/sys', `${storeFolder}/.imgkit`);
  const output = scratch.path('out.tar');
  await save({ images: ['store:app:1'], output, storeFolder });
  t.true((await verify({ target: output })).ok);
  await edit({ location: 'store:app:1', to: `${scratch.path('edited.tar')}#app:2`, user: '1', storeFolder });
  await extract({ location: 'store:app:1', to: scratch.path('extracted'), storeFolder });
  await t.throwsAsync(load({ from: scratch.path('edited.tar'), storeFolder }), { code: 'io-failed' });
  t.deepEqual((await list({ storeFolder })).images.map(({ names }) => names), [['docker.io/library/app:1']]);
});
