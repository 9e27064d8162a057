import { standardOutput } from '../../formats/locations/standard-output.js';
import type { Digest } from '../content/digest.js';
import { fileSize } from '../filesystem/inode.js';
import { shownLocation } from '../image/location-url.js';
import { openFile } from '../operations/read-file.js';
import { openLayeredImage } from './open-layers.js';
import { TEXT } from './option-kinds.js';
import type { CommonOptions } from './options.js';
import { Session } from './session.js';

export interface CatOptions extends CommonOptions {
  readonly location: string;
  /** Of the file in the image; symlinks are followed within it. */
  readonly path: string;
  readonly platform?: string | undefined;
  /** Stream that takes the file's bytes; it stays open. What it was given is proven once `cat` resolves. Default: `process.stdout`. */
  readonly stdout?: NodeJS.WritableStream | undefined;
}

export interface CatResult {
  readonly location: string;
  /** Of the image's manifest. */
  readonly digest: Digest;
  /** With every link resolved. */
  readonly path: string;
  /** Bytes of the file. */
  readonly size: number;
  /** The layer that holds it; 1 is the base. */
  readonly layer: number;
}

/** Hands out the content of one file of an image, without unpacking anything. Throws `path-not-found` when there is no such file. */
export function cat(options: CatOptions): Promise<CatResult> {
  return Session.call(options, { location: TEXT, path: TEXT }, async (session) => {
    const { location, signal, onProgress } = options;
    const image = await openLayeredImage(session, location, options.platform);
    const { path, inode, body } = await openFile(image, options.path, { signal, onProgress, limits: session.limits });
    await standardOutput(body, options.stdout ?? process.stdout, signal);
    return { location: shownLocation(location), digest: image.image.descriptor.digest, path, size: fileSize(inode), layer: inode.layer + 1 };
  });
}
