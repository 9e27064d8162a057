import { readBlob } from '../content/verified-read.js';
import { ImgkitError } from '../errors.js';
import { walkClosure, type Closure, type ClosureImage } from '../image/closure.js';
import { parseConfig, type ImageConfig } from '../image/config.js';
import type { Descriptor } from '../content/descriptor.js';
import type { ImageSource } from '../image/image-source.js';
import { inFile } from '../image/in-file.js';
import type { Limits } from '../limits.js';

/** The closure of `descriptor`, refused when a manifest's own blobs are missing (`blob-missing`). */
export async function readClosure(source: ImageSource, descriptor: Descriptor, limits: Limits): Promise<Closure> {
  const closure = await walkClosure(source.blobs, descriptor, limits, source.location);
  requireComplete(closure, source.location);
  return closure;
}

/** Throws `blob-missing` when a manifest of `closure` names what should be in `file` and is not. */
export function requireComplete({ missing: [first] }: Closure, file: string): void {
  if (first === undefined) return;
  throw new ImgkitError('blob-missing', `${file}: manifest ${first.parent} names ${first.descriptor.digest}, which is not there; the image is incomplete, get it again.`, { file, entry: first.descriptor.digest });
}

/** The config of an image, its digest verified and its counts checked against the manifest (`document-malformed`). */
export async function readConfig(source: ImageSource, { manifest, descriptor }: ClosureImage, limits: Limits): Promise<ImageConfig> {
  const { location: file } = source;
  const bytes = await readBlob(source.blobs, manifest.config, limits.configBytes).catch((error: unknown) => {
    throw inFile(error, file);
  });
  const config = parseConfig(bytes, `${file}: config ${manifest.config.digest}`, limits);
  const found = config.diffIds.length;
  if (found === manifest.layers.length) return config;
  throw new ImgkitError('document-malformed', `${file}: manifest ${descriptor.digest} has ${manifest.layers.length} layers, its config ${found} diffIDs; the image contradicts itself; get it again from who made it.`, { file, entry: descriptor.digest, expected: String(found), found: String(manifest.layers.length) });
}
