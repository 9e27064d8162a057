// Brings an image into a registry, and out of it again as an archive.
//
//   node dist/samples/registry.js HOST:PORT/NAME [--insecure]
import { copy, list, load, verify } from '../src/index.js';
import { inWorkplace } from './support/workplace.js';

const [repository, insecure] = process.argv.slice(2);
if (repository === undefined) throw new Error('Which repository? node dist/samples/registry.js HOST:PORT/NAME [--insecure]');
// A registry without TLS has to be named, also on this machine.
const network = insecure === '--insecure' ? { insecureRegistries: [repository.slice(0, repository.indexOf('/'))] } : {};

await inWorkplace(async ({ path, image }) => {
  const pushed = await load({ from: image.output, into: `docker://${repository}:1.2.0`, compress: 'gzip', network });
  console.log(`pushed ${pushed.images[0]?.digest}`);
  await copy({ from: `docker://${repository}:1.2.0`, to: `docker://${repository}:stable`, network });
  for (const { names, digest } of (await list({ location: `docker://${repository}`, network })).images) console.log(`${names.join(', ')} ${digest}`);
  const pulled = await copy({ from: `docker://${repository}:stable`, to: `oci-archive:${path('back.oci')}`, network });
  console.log(`pulled ${pulled.images[0]?.digest}`);
  console.log(`right: ${(await verify({ target: path('back.oci'), expect: image.imageId })).ok}`);
});
