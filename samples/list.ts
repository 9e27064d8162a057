// Says what an archive holds, the platforms of an index included. No layer is read.
import { list } from '../src/index.js';
import { makeIndex } from './make-index.js';
import { inWorkplace } from './support/workplace.js';

await inWorkplace(async ({ path }) => {
  const { output } = await makeIndex({ output: path('multi.oci') });
  const { format, images } = await list({ location: output });
  for (const { names, kind, members } of images) {
    console.log(`${names.join(', ')}: ${kind} (${format})`);
    for (const { platform, present } of members ?? []) console.log(`  ${platform?.os}/${platform?.architecture} ${present ? 'present' : 'absent'}`);
  }
});
