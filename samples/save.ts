// Writes two images into one archive; the layer that they share is in it once.
import { list, save } from '../src/index.js';
import { makeImage } from './make-image.js';
import { inWorkplace } from './support/workplace.js';

await inWorkplace(async ({ path, image }) => {
  const newer = await makeImage({ output: path('newer.tar'), version: '1.3.0' });
  const both = path('both.tar');
  const { format, images } = await save({ images: [image.output, newer.output], output: both });
  console.log(`${format} archive with ${images.length} images`);
  for (const { names } of (await list({ location: both })).images) console.log(names.join(', '));
});
