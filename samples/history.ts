// Shows how an image was made, newest step first.
import { history } from '../src/index.js';
import { inWorkplace } from './support/workplace.js';

await inWorkplace(async ({ image }) => {
  const { lines } = await history({ location: image.output });
  for (const { createdBy, size, emptyLayer } of lines) console.log(`${createdBy}: ${emptyLayer ? 'no layer' : `${size} bytes`}`);
});
