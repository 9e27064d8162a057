// Finds bytes that no container sees, and leaves them out: upper layers into one, or all of them.
import { mkdir, writeFile } from 'node:fs/promises';
import { append, files, flatten, squash } from '../src/index.js';
import { inWorkplace } from './support/workplace.js';

await inWorkplace(async ({ path, image }) => {
  const [one, two] = [path('one'), path('two')];
  for (const [folder, content] of [[one, 'first'], [two, 'second']] as const) {
    await mkdir(folder);
    await writeFile(`${folder}/data`, content.repeat(1000));
  }
  await append({ location: image.output, to: `${path('fat.tar')}#hello:fat`, layers: [one, two], owner: '0:0' });
  const wasted = async (name: string): Promise<number | undefined> => (await files({ location: path(name), wasted: true })).waste?.bytes;
  console.log(`shadowed: ${await wasted('fat.tar')} bytes`);
  const squashed = await squash({ location: path('fat.tar'), to: `${path('squashed.tar')}#hello:squashed`, from: '3' });
  console.log(`${squashed.changes.join(', ')}: ${await wasted('squashed.tar')} bytes`);
  const flat = await flatten({ location: path('fat.tar'), to: `${path('flat.tar')}#hello:flat` });
  console.log(`${flat.changes.join(', ')}: ${await wasted('flat.tar')} bytes`);
});
