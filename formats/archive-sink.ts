import type { LentChunk } from '../src/content/lent-chunk.js';
import type { BlobPool } from '../src/content/worker-pool.js';
import { ImgkitError } from '../src/errors.js';
import type { ImageSink, SinkFormat, SinkWriteOptions, Transfer, Written } from '../src/image/image-sink.js';
import { isEncrypted } from '../src/image/media-type.js';
import { refuseSharedNames } from '../src/image/refuse-shared-names.js';
import type { Limits } from '../src/limits.js';
import type { WorkOptions } from '../src/progress.js';
import type { ArchiveEntry } from './archive-entry.js';
import { ArchiveFile } from './archive-file.js';
import { ArchiveStream } from './archive-stream.js';
import type { ArchiveTarget } from './archive-target.js';
import { dockerEntries } from './docker-entries.js';
import { hybridEntries } from './hybrid-entries.js';
import { ociEntries } from './oci-entries.js';

export type ArchiveSinkFormat = 'hybrid' | 'oci-archive' | 'docker-archive';

export interface ArchiveSinkOptions {
  readonly format: ArchiveSinkFormat;
  readonly target: ArchiveTarget;
  readonly pool: BlobPool;
  readonly limits: Limits;
  /** As a user would type it to read the archive back. */
  readonly location: string;
  /** What the sink calls itself; default: `format`. */
  readonly sinkFormat?: SinkFormat;
}

const ENTRIES: Record<ArchiveSinkFormat, (transfer: Transfer) => readonly ArchiveEntry[]> = {
  hybrid: hybridEntries,
  'oci-archive': ociEntries,
  'docker-archive': dockerEntries,
};

/** Writes archive bytes to one kind of target. */
export interface ArchiveWriter {
  stage(chunks: AsyncIterable<LentChunk>, options: Pick<WorkOptions, 'signal'>): ReturnType<ImageSink['stage']>;
  stageFile: ImageSink['stageFile'];
  write(entries: readonly ArchiveEntry[], options: SinkWriteOptions): Promise<number>;
  discard(): Promise<void>;
}

/** A sink for one archive of the given format. The pool stays the caller's. */
export function createArchiveSink(options: ArchiveSinkOptions): ImageSink {
  const { target, format } = options;
  const writer: ArchiveWriter = target.kind === 'file' ? new ArchiveFile(target, options) : new ArchiveStream(target, options);
  return {
    format: options.sinkFormat ?? format,
    layers: format === 'docker-archive' ? 'none' : 'any',
    lists: format === 'docker-archive' || options.sinkFormat === 'docker-daemon' ? 'tags' : 'any',
    canRetry: target.kind === 'file',
    stagesTogether: false,
    stage: (chunks, work = {}) => writer.stage(chunks, work),
    stageFile: (size, fill, work = {}) => writer.stageFile(size, fill, work),
    discard: () => writer.discard(),
    async write(transfer, work = {}): Promise<Written> {
      refuseSharedNames(transfer.roots, format === 'oci-archive' ? 'by name and platform' : 'by name');
      if (format !== 'oci-archive') refuseEncrypted(transfer, options.location);
      const entries = ENTRIES[format](transfer);
      if (options.sinkFormat === undefined) requireReadable(entries, transfer, options);
      const bytes = await writer.write(entries, work);
      return { bytes, reused: 0 };
    },
  };
}

/** An archive is written within the limits that it will be read with; an engine has none of them. Throws `limit-exceeded`. */
function requireReadable(entries: readonly ArchiveEntry[], { roots }: Transfer, { limits, location }: ArchiveSinkOptions): void {
  const names = roots.reduce((sum, root) => sum + Math.max(1, root.names.length), 0);
  const control = entries.find((entry) => 'bytes' in entry && entry.size > limits.documentBytes);
  const what = entries.length > limits.archiveEntries ? `${entries.length} files, and ${limits.archiveEntries} are read`
    : names > limits.descriptors ? `${names} names and images, and ${limits.descriptors} are read`
    : control === undefined ? undefined : `${control.path} of ${control.size} bytes, and ${limits.documentBytes} are read`;
  if (what !== undefined) throw new ImgkitError('limit-exceeded', `${location}: nobody could read it again: it would have ${what}. Write the images to several archives.`, { file: location });
}

/** A manifest.json names layers as tars, which ciphertext is not: no engine could load that, and nobody would verify it. */
function refuseEncrypted({ images }: Transfer, location: string): void {
  const image = images.find(({ layers }) => layers.some(({ mediaType }) => isEncrypted(mediaType)));
  if (image === undefined) return;
  const name = image.root.names[0] ?? image.root.descriptor.digest;
  throw new ImgkitError('usage', `${location.replace(/:$/, '')}: the layers of ${name} are encrypted, which only OCI formats hold, and docker cannot load; write with --format oci, or decrypt them first: imgkit decrypt --layers.`, { file: location, entry: name });
}
