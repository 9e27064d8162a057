// Converts a docker-save archive into an OCI archive with gzip layers.
import { copy } from '../src/index.js';
import { inWorkplace } from './support/workplace.js';

await inWorkplace(async ({ path, image }) => {
  const result = await copy({ from: image.output, to: `oci-archive:${path('hello.oci')}`, compress: 'gzip' });
  const [moved] = result.images;
  console.log(`${result.format}: ${moved?.names.join(', ')}`);
  // The image ID is the digest of the config, which does not change.
  console.log(`image ID ${moved?.imageId === image.imageId ? 'kept' : 'changed'}`);
  console.log(`manifest changed because ${moved?.changedBecause}`);
});
