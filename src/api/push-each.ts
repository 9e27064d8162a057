import { readLocation } from '../../formats/locations/open-source.js';
import { ImgkitError } from '../errors.js';
import type { Root } from '../image/image-source.js';
import type { Location } from '../image/location.js';
import { shownLocation } from '../image/location-url.js';
import { formatReference, parseReference } from '../image/reference.js';
import { attachedRoots } from './attached-roots.js';
import type { WriteOptions } from './options.js';
import type { MoveResult } from './results.js';
import { Session } from './session.js';

interface Push {
  /** One image of a source. */
  readonly from: string;
  /** Its full name at the registry. */
  readonly name: string;
  readonly digest: string;
}

/**
 * Pushes every image of `from` under each name that it has: to the registry of that name, or under `place`. `push` moves one of them,
 * with what is about it. Throws `usage` before anything is pushed when one has no name, two would get the same one, or the source
 * can be read only once. What was pushed before one fails stays: registries know no more than single names.
 */
export async function pushEach(from: readonly string[], place: Extract<Location, { kind: 'registry-host' }>, options: WriteOptions, push: (from: string, to: string) => Promise<MoveResult>): Promise<MoveResult> {
  const plan = new Map<string, Push>();
  for (const each of await planned(from, place.under, options)) {
    const before = plan.get(each.name);
    if (before !== undefined && before.digest !== each.digest) throw new ImgkitError('usage', `${place.text}: ${before.from} and ${each.from} would both be ${each.name} there; push one of them under a name of its own: docker://HOST/NAME:TAG.`, { found: each.name });
    plan.set(each.name, before ?? each);
  }
  const results: MoveResult[] = [];
  for (const each of plan.values()) results.push(await push(each.from, `docker://${each.name}`));
  return {
    from: from.map(shownLocation), to: place.text, format: 'registry',
    images: results.flatMap(({ images }) => images),
    bytes: results.reduce((sum, { bytes }) => sum + bytes, 0),
    reused: results.reduce((sum, { reused }) => sum + reused, 0),
    notes: [...new Map(results.flatMap(({ notes }) => notes).map((note) => [JSON.stringify(note), note])).values()],
  };
}

function planned(from: readonly string[], under: string | undefined, options: WriteOptions): Promise<readonly Push[]> {
  return Session.run(options, async (session) => {
    const pushes: Push[] = [];
    for (const text of from) {
      const location = readLocation(text);
      if ('path' in location && location.path === '-') throw new ImgkitError('usage', 'Standard input can be read only once, and each image is read by itself; save it to a file first.');
      const { source, roots } = await session.open(location);
      const attached = await attachedRoots(source, roots, session.limits);
      const meant = roots.filter((root) => !attached.has(root));
      for (const root of meant) {
        if (root.names.length === 0) throw new ImgkitError('usage', `${shownLocation(text)}: an image there has no name, so nothing says where it goes; say it: docker://HOST/NAME:TAG.`, { file: shownLocation(text), entry: root.descriptor.digest });
        for (const name of root.names) pushes.push({ from: meant.length === 1 ? text : only(location, root, name), name: nameUnder(under, name), digest: root.descriptor.digest });
      }
    }
    return pushes;
  });
}

/** `location`, narrowed to one of the several images that it means. */
function only(location: Location, root: Root, name: string): string {
  switch (location.kind) {
    case 'archive':
      return `${location.path}#${name}`;
    case 'url':
      return `${location.url}#${name}`;
    case 'docker-archive':
      return `docker-archive:${location.path}:${name}`;
    case 'oci-archive':
      return `oci-archive:${location.path}:${root.refName ?? name}`;
    case 'oci-layout':
      return `oci:${location.path}:${root.refName ?? name}`;
    default:
      return `store:${name}`;
  }
}

function nameUnder(under: string | undefined, name: string): string {
  const { repository, tag } = parseReference(name);
  if (under === undefined) return name;
  return formatReference({ ...parseReference(`${under}${repository}`), ...(tag !== undefined && { tag }) });
}
