// Looks at one image closely; the exact bytes of its config are one more call.
import { inspect, readRaw } from '../src/index.js';
import { inWorkplace } from './support/workplace.js';

await inWorkplace(async ({ image }) => {
  const found = await inspect({ location: image.output });
  console.log(`${found.names.join(', ')} ${found.platform?.os}/${found.platform?.architecture}, ${found.layers.length} layers`);
  for (const { field, value, from } of found.about) console.log(`${field}: ${value} (${from})`);
  const config = await readRaw({ location: image.output, what: 'config' });
  console.log(`config: ${config.length} bytes, image ID ${found.imageId}`);
});
