// Sends an archive to a host and asks what is there. `file:///` stands for the host here: sftp://, ftps:// and https:// work the same way.
import { mkdir } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { listFolder, send } from '../src/index.js';
import { inWorkplace } from './support/workplace.js';

await inWorkplace(async ({ path, image }) => {
  await mkdir(path('drop'));
  const drop = `${pathToFileURL(path('drop')).href}/`;
  const deliver = async (): Promise<void> => {
    // What fails at one host does not throw: it is told for that host, and the others get their files.
    const { deliveries } = await send({ files: [image.output], to: [drop] });
    for (const { status, digest, proof, error } of deliveries) console.log(error === undefined ? `${status} ${digest}${proof === undefined ? '' : `, proven by ${proof}`}` : `${status}: ${error.message}`);
  };
  await deliver();
  // What arrived is left alone; what was cut goes on.
  await deliver();
  const { files } = await listFolder({ url: drop });
  for (const { name, complete } of files) console.log(`${name} ${complete ? 'complete' : 'not complete'}`);
});
