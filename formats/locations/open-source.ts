import { existsSync } from 'node:fs';
import { connectEngine } from '../../src/engine/engine-client.js';
import { exportEngineImages } from '../../src/engine/engine-images.js';
import { ImgkitError } from '../../src/errors.js';
import type { ImageSource, Root } from '../../src/image/image-source.js';
import { parseLocation, type Location } from '../../src/image/location.js';
import { familiarName, parseReference } from '../../src/image/reference.js';
import type { Limits } from '../../src/limits.js';
import type { WorkOptions } from '../../src/progress.js';
import { findRoot } from '../../src/store/find-root.js';
import { openStore } from '../../src/store/store.js';
import { openArchiveFile, openArchiveStream, standardInput } from '../open-archive.js';
import { openOciLayout } from '../oci-layout-source.js';
import { selectRoots } from './select-roots.js';

export interface OpenSourceOptions extends WorkOptions {
  readonly limits: Limits;
  readonly storeFolder?: string | undefined;
  readonly stdin?: AsyncIterable<Uint8Array> | undefined;
}

/** A source, and the roots of it that the location means. */
export interface OpenedSource {
  readonly source: ImageSource;
  readonly roots: readonly Root[];
}

/** `text` as a location, with bare words looked up on disk (`location-ambiguous`). */
export function readLocation(text: string): Location {
  return parseLocation(text, existsSync);
}

/** Opens what `location` names and picks the roots it means. The caller closes `source`. */
export async function openSource(location: Location, options: OpenSourceOptions): Promise<OpenedSource> {
  const source = await open(location, options);
  try {
    return { source, roots: rootsOf(source, location) };
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function open(location: Location, options: OpenSourceOptions): Promise<ImageSource> {
  const { text } = location;
  switch (location.kind) {
    case 'archive':
    case 'docker-archive':
    case 'oci-archive': {
      const as = location.kind === 'archive' ? undefined : location.kind;
      if (location.path === '-') return openArchiveStream(options.stdin ?? standardInput(), 'stdin', { ...options, location: text, as });
      return openArchiveFile(location.path, { ...options, location: location.path, as });
    }
    case 'oci-layout':
      return openOciLayout(location.path, options.limits);
    case 'store':
      return (await openStore({ folder: options.storeFolder, limits: options.limits })).source();
    case 'docker-daemon':
      return openEngineImage(location.reference, options);
    case 'registry':
    case 'url':
      throw notYet(text);
  }
}

function rootsOf(source: ImageSource, location: Location): readonly Root[] {
  switch (location.kind) {
    case 'docker-archive':
      return selectRoots(source, { ref: location.reference, index: location.index });
    case 'oci-archive':
    case 'oci-layout':
    case 'archive':
      return selectRoots(source, { ref: location.ref });
    case 'store': {
      const wanted = location.reference ?? location.digestPrefix;
      return wanted === undefined ? source.roots : [findRoot(source.roots, wanted)];
    }
    default:
      return source.roots;
  }
}

async function openEngineImage(reference: string | undefined, options: OpenSourceOptions): Promise<ImageSource> {
  if (reference === undefined) throw new ImgkitError('usage', 'docker-daemon: needs the name of an image here, as in docker-daemon:app:1.9.6; `imgkit list docker-daemon:` shows them.');
  const name = reference.startsWith('sha256:') ? reference : familiarName(parseReference(reference));
  const client = await connectEngine();
  try {
    const archive = await exportEngineImages(client, [name], options.signal);
    const location = `docker-daemon:${name}`;
    const source = await openArchiveStream(archive, location, { ...options, location });
    return { ...source, format: 'docker-daemon', close: () => source.close() };
  } finally {
    await client.close();
  }
}

/** Says which locations this version cannot open. */
export function notYet(text: string): ImgkitError {
  return new ImgkitError('location-unsupported', `${text}: registries and URLs are not supported by this version; use an archive, oci:DIR, store: or docker-daemon:.`, { file: text });
}
