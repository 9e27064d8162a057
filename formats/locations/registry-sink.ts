import { ImgkitError } from '../../src/errors.js';
import type { ImageSink } from '../../src/image/image-sink.js';
import { parseReference, type Reference } from '../../src/image/reference.js';
import { openConnection } from '../../src/registry/open-connection.js';
import { registryAddress } from '../../src/registry/registry-address.js';
import { RegistrySink } from '../../src/registry/registry-sink.js';
import { Repository } from '../../src/registry/repository.js';
import type { OpenSinkOptions } from './open-sink-options.js';

/** A sink that pushes into the repository that `text` names, under its tag. Throws `usage` for a name with a digest. */
export function createRegistrySink(text: string, { pool, limits, network = {}, force, pushed, signal }: OpenSinkOptions): ImageSink {
  const target = parseReference(text);
  if (target.digest !== undefined) throw new ImgkitError('usage', `docker://${text}: a push is to a tag, not to a digest; what the digest will be is up to the image.`, { file: text });
  const connection = openConnection(registryAddress(target.registry, network.insecureRegistries), { network, signal });
  return new RegistrySink({
    repository: new Repository(connection, target.repository),
    location: `docker://${text}`,
    tagOf: (name) => tagIn(target, parseReference(name)),
    pool, limits, pushed,
    concurrency: network.concurrency,
    force: force === true,
    close: () => connection.close(),
  });
}

function tagIn({ registry, repository }: Reference, name: Reference): string | undefined {
  return name.registry === registry && name.repository === repository ? name.tag : undefined;
}
