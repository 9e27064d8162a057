import { existsSync } from 'node:fs';
import type { ImageSource, Root } from '../../src/image/image-source.js';
import { namesNoImage } from '../../src/image/location-error.js';
import { parseLocation, type Location } from '../../src/image/location.js';
import type { Limits } from '../../src/limits.js';
import { openArchiveFile, type OpenArchiveOptions } from '../open-archive.js';
import { standardInput } from './standard-input.js';
import { selectRoots } from './select-roots.js';
import type { OpenSourceOptions } from './open-source-options.js';

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
    return { source, roots: await rootsOf(source, location, options.limits) };
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function openInput(options: OpenSourceOptions & OpenArchiveOptions): Promise<ImageSource> {
  const { openArchiveStream } = await import('../open-packed.js');
  const chunks = standardInput(options.stdin, options.signal);
  try {
    return await openArchiveStream(chunks, 'stdin', options);
  } finally {
    // Not waited for: somebody may still wait for a chunk of it.
    chunks.return().catch(() => undefined);
  }
}

/** What a kind of location needs is loaded when it is met: `imgkit list app.tar` shall start at once. */
async function open(location: Location, options: OpenSourceOptions): Promise<ImageSource> {
  const { text } = location;
  switch (location.kind) {
    case 'archive':
    case 'docker-archive':
    case 'oci-archive': {
      const as = location.kind === 'archive' ? undefined : location.kind;
      if (location.path === '-') return openInput({ ...options, location: text, as });
      return openArchiveFile(location.path, { ...options, location: location.path, as });
    }
    case 'oci-layout':
      return (await import('../oci-layout-source.js')).openOciLayout(location.path, options.limits);
    case 'store': {
      const { openStore } = await import('../../src/store/store.js');
      return (await openStore({ folder: options.storeFolder, limits: options.limits, create: false })).source(text === 'store:' ? 'store' : text);
    }
    case 'docker-daemon':
      return (await import('./engine-source.js')).openEngineImage(location.reference, options);
    case 'url':
      return (await import('./url-source.js')).openUrlArchive(location.url, options);
    case 'registry':
      return (await import('./registry-source.js')).openRegistryImage(location.reference, text, options);
    case 'registry-host':
      throw namesNoImage(text);
  }
}

async function rootsOf(source: ImageSource, location: Location, limits: Limits): Promise<readonly Root[]> {
  switch (location.kind) {
    case 'docker-archive':
      return selectRoots(source, { ref: location.reference, index: location.index });
    case 'oci-archive':
    case 'oci-layout':
    case 'archive':
    case 'url':
      return selectRoots(source, { ref: location.ref });
    case 'store': {
      if (location.reference === undefined && location.digestPrefix === undefined) return source.roots;
      const { findStored } = await import('./find-stored.js');
      return [await findStored(source, location, limits)];
    }
    case 'registry':
      return source.roots.slice(0, 1);
    default:
      return source.roots;
  }
}
