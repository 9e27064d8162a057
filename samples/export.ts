// Gets the files out of an image: as one tar, as docker export would write it, and as a folder.
import { readFile, stat } from 'node:fs/promises';
import { exportImage, extract } from '../src/index.js';
import { inWorkplace } from './support/workplace.js';

await inWorkplace(async ({ path, image }) => {
  const tar = await exportImage({ location: image.output, output: path('rootfs.tar') });
  console.log(`${tar.entries} entries, ${tar.bytes === (await stat(path('rootfs.tar'))).size ? 'sized as planned' : 'odd'}`);
  // Whatever the image holds, nothing is written outside of the folder.
  const { files, folders, notes } = await extract({ location: image.output, to: path('rootfs'), paths: ['/etc'] });
  console.log(`${files} file in ${folders} folder: ${(await readFile(path('rootfs/etc/motd'), 'utf8')).split('\n')[0]}`);
  for (const note of notes) console.log(`note: ${note}`);
});
