import { ImgkitError } from '../errors.js';
import type { Location } from '../image/location.js';
import { shownLocation } from '../image/location-url.js';
import type { ArchiveFormat, WriteOptions } from './options.js';

/** The format that a kind of location is. */
const FORMAT_OF: Partial<Record<Location['kind'], ArchiveFormat>> = { 'docker-archive': 'docker', 'oci-archive': 'oci', 'oci-layout': 'oci' };
/** What a whole archive can be compressed at. */
const ARCHIVES: readonly Location['kind'][] = ['archive', 'docker-archive', 'oci-archive', 'url'];

/** Throws `usage` for options that `target` or another option rules out: to pass over one in silence would not be what was asked for. */
export function refuseContradiction(target: Location, { format, compress, compressLevel, compressArchive }: WriteOptions): void {
  const is = FORMAT_OF[target.kind];
  const text = shownLocation(target.text);
  if (format !== undefined && is !== undefined && format !== is) throw new ImgkitError('usage', `${text}: the location says ${is} and --format ${format}; leave one of them out.`, { file: text });
  if (compressArchive !== undefined && compressArchive !== 'none' && !ARCHIVES.includes(target.kind)) {
    throw new ImgkitError('usage', `${text} is no archive that could be compressed as a whole; leave --compress-archive out, or compress the layers with --compress.`, { file: text });
  }
  if (compressLevel !== undefined && (compress === undefined || compress === 'none')) {
    throw new ImgkitError('usage', '--compress-level is for layers that are compressed anew: say how with --compress gzip or --compress zstd.');
  }
  refuseLevel(compress, compressLevel);
}

/** Throws `usage` for a level that only zstd has. */
export function refuseLevel(compress: WriteOptions['compress'], level: WriteOptions['compressLevel']): void {
  if (compress === 'gzip' && typeof level === 'number' && level > 9) throw new ImgkitError('usage', `gzip has no level ${level}: take 1 to 9, "fast", or zstd.`);
}
