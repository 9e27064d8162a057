// The digest of a file and of the images in it: what to compare with a statement that came another way.
import { digest } from '../src/index.js';
import { inWorkplace } from './support/workplace.js';

await inWorkplace(async ({ image }) => {
  const { file, images } = await digest({ target: image.output });
  console.log(`file ${file}`);
  for (const { names, manifest, config } of images) console.log(`${names.join(', ')} manifest ${manifest} config ${config}`);
});
