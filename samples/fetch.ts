// Brings an archive from a host, checked by the statement that its sender put beside it; without one it is refused.
import { copyFile, mkdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fetch, isImgkitError, send } from '../src/index.js';
import { inWorkplace } from './support/workplace.js';

await inWorkplace(async ({ path, image }) => {
  await Promise.all([mkdir(path('drop')), mkdir(path('in'))]);
  const drop = `${pathToFileURL(path('drop')).href}/`;
  await send({ files: [image.output], to: [drop] });
  const fetched = await fetch({ url: `${drop}hello.tar`, output: path('in') });
  console.log(`${basename(fetched.path)} ${fetched.digest}, checked by the ${fetched.checkedBy}, with ${fetched.sidecars.join(', ')}`);

  await copyFile(image.output, path('drop/bare.tar'));
  try {
    await fetch({ url: `${drop}bare.tar`, output: path('in') });
  } catch (error) {
    if (!isImgkitError(error, 'policy-refused')) throw error;
    console.log('bare.tar: nothing says what it should be');
  }
});
