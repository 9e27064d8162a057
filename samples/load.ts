// Verifies an archive and puts its images into the local store.
import { load } from '../src/index.js';
import { inWorkplace } from './support/workplace.js';

await inWorkplace(async ({ image, storeFolder }) => {
  const result = await load({ from: image.output, storeFolder });
  for (const { names, digest, manifestOrigin } of result.images) {
    console.log(`${names.join(', ')} ${digest} (${manifestOrigin})`);
  }
  // The second time everything is there already.
  const again = await load({ from: image.output, storeFolder });
  console.log(`written: ${result.bytes > 0 ? 'yes' : 'no'}, the second time: ${again.bytes > 0 ? 'yes' : 'no'}`);
});
