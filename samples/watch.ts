// Takes over what arrives in a folder at a host: one look, with what is damaged put into quarantine. Without `once` it goes on until `signal`.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { list, send, watch } from '../src/index.js';
import { inWorkplace } from './support/workplace.js';

await inWorkplace(async ({ path, image, storeFolder }) => {
  await mkdir(path('drop'));
  const drop = `${pathToFileURL(path('drop')).href}/`;
  await writeFile(path('noise.tar'), 'not an image');
  await send({ files: [image.output, path('noise.tar')], to: [drop] });

  const look = (): ReturnType<typeof watch> => watch({
    url: drop, once: true, requireChecksum: true, storeFolder, quarantine: path('refused'),
    onEvent: (event) => {
      if (event.event === 'accepted') console.log(`accepted ${event.name}: ${event.images.flatMap(({ names }) => names).join(', ')}`);
      if (event.event === 'quarantined') console.log(`refused ${event.name}: ${event.error.code}`);
    },
  });
  const { accepted, quarantined } = await look();
  console.log(`${accepted} accepted, ${quarantined} refused`);
  console.log(`in quarantine: ${(await readdir(path('refused'))).toSorted().join(', ')}`);
  // What was dealt with is remembered, across restarts.
  const again = await look();
  console.log(`the second time: ${again.accepted} accepted, ${again.quarantined} refused; in the store: ${(await list({ storeFolder })).images.length} image`);
});
