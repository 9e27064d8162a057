// Names in the store: more of them, one that must not move silently, and the space that is free afterwards.
import { gc, isImgkitError, load, remove, tag, tagSemver } from '../src/index.js';
import { makeImage } from './make-image.js';
import { inWorkplace } from './support/workplace.js';

await inWorkplace(async ({ path, image, storeFolder }) => {
  await load({ from: image.output, storeFolder });
  console.log((await tagSemver({ reference: image.name, storeFolder })).added.join(', '));

  const newer = await makeImage({ output: path('newer.tar'), version: '1.3.0' });
  await load({ from: newer.output, storeFolder });
  try {
    await tag({ from: newer.name, to: 'hello:1', storeFolder });
  } catch (error) {
    if (!isImgkitError(error, 'tag-would-move')) throw error;
    console.log('hello:1 is another image');
  }
  const { moved } = await tag({ from: newer.name, to: 'hello:1', force: true, storeFolder });
  console.log(`moved ${moved.join(', ')}`);

  await remove({ references: [image.name, 'hello:1.2'], storeFolder });
  const { removedBlobs } = await gc({ storeFolder });
  console.log(`freed ${removedBlobs} blobs`);
});
