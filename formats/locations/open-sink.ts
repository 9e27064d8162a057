import { dirname } from 'node:path';
import type { Compression } from '../../src/content/compression.js';
import { requireSpace } from '../../src/content/free-space.js';
import { writeAtomic } from '../../src/content/write-atomic.js';
import type { AgeEncryption } from '../../src/crypto/encrypt/age/encrypt-age.js';
import { ImgkitError } from '../../src/errors.js';
import type { ImageSink } from '../../src/image/image-sink.js';
import { namesNoImage } from '../../src/image/location-error.js';
import { archivePath, type Location } from '../../src/image/location.js';
import { openStore } from '../../src/store/store.js';
import { LayoutSink } from '../../src/store/layout-sink.js';
import { createArchiveSink, type ArchiveSinkFormat } from '../archive-sink.js';
import type { ArchiveTarget } from '../archive-target.js';
import { archiveEncryption } from './archive-encryption.js';
import { createEngineSink } from './engine-sink.js';
import { packArchive, packedSize, type Packing } from './pack-archive.js';
import { standardOutput } from './standard-output.js';
import type { OpenSinkOptions } from './open-sink-options.js';

/** A sink for what `location` names. Whoever opened it writes or discards it. */
export async function openSink(location: Location, options: OpenSinkOptions): Promise<ImageSink> {
  if (options.sign !== undefined) requireBeside(location);
  const age = await archiveEncryption(location, options.encryption, options.signal);
  switch (location.kind) {
    case 'archive':
      return archive(location.path, options.format, location.path, options, age);
    case 'docker-archive':
    case 'oci-archive':
      return archive(location.path, location.kind, `${location.kind}:${location.path}`, options, age);
    case 'oci-layout':
      return new LayoutSink({ kind: 'oci-layout', refNameFor: (_root, name) => name, folder: location.path, pool: options.pool, limits: options.limits, readAll: options.force });
    case 'store':
      return (await openStore({ folder: options.storeFolder, limits: options.limits })).sink({ pool: options.pool, force: options.force === true });
    case 'docker-daemon':
      return createEngineSink(options);
    case 'url':
      return (await import('./url-sink.js')).createUrlSink(location.url, { compression: options.compressArchive ?? compressionByName(new URL(location.url).pathname), age }, options);
    case 'registry':
      return (await import('./registry-sink.js')).createRegistrySink(location.reference, options);
    case 'registry-host':
      throw namesNoImage(location.text);
  }
}

function archive(path: string, format: ArchiveSinkFormat, location: string, options: OpenSinkOptions, age: AgeEncryption | undefined): ImageSink {
  const compression = options.compressArchive ?? (path === '-' ? 'none' : compressionByName(path));
  return createArchiveSink({ format, target: target(path, { compression, age }, options), pool: options.pool, limits: options.limits, location });
}

/** What the name of an archive promises: `.tar.gz`, `.tgz` and `.tar.zst` are compressed, also before `.age`. Throws `usage` when it is not kept. */
export function compressionByName(path: string): Compression {
  const [, foreign] = /\.(t?xz|tbz2?|bz2|lz4|lzma|zip|7z)(?:\.age)?$/i.exec(path) ?? [];
  if (foreign !== undefined) throw new ImgkitError('usage', `${path}: .${foreign} is not written here; let the name end in .gz or .zst, or write to - and pipe it through that program.`, { file: path });
  if (/\.(?:gz|tgz)(?:\.age)?$/i.test(path)) return 'gzip';
  return /\.(?:zst|zstd|tzst)(?:\.age)?$/i.test(path) ? 'zstd' : 'none';
}

function target(path: string, packing: Packing, { stdout, sign }: OpenSinkOptions): ArchiveTarget {
  // One that is signed is written front to back, for it is hashed on the way.
  if (path !== '-' && packing.compression === 'none' && packing.age === undefined && sign === undefined) return { kind: 'file', path };
  return {
    kind: 'stream',
    name: path === '-' ? 'stdout' : path,
    async consume(chunks, size, { signal }) {
      const exact = packedSize(size, packing);
      if (path !== '-' && exact !== undefined) await requireSpace(dirname(path), exact);
      const { chunks: packed, bytes } = packArchive(chunks, packing, path, signal);
      if (path === '-') await standardOutput(packed, stdout ?? process.stdout, signal);
      else if (sign === undefined) await writeAtomic(path, packed, signal);
      else await (await import('./signed-file.js')).writeSignedFile(path, packed, sign, signal);
      return bytes();
    },
  };
}

/** Refuses to sign where nothing can lie beside what is written. */
function requireBeside(location: Location): void {
  if (location.kind === 'url' || (archivePath(location) ?? '-') !== '-') return;
  throw new ImgkitError('usage', `${location.text}: the checksum and its signature lie beside a file, and this is none; write to a file or a URL, or sign the image itself: imgkit sign LOCATION --key KEY.`, { file: location.text });
}
