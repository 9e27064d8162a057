import type { Digest } from '../content/digest.js';
import type { FileEntry } from '../filesystem/file-entry.js';
import type { Waste } from '../filesystem/waste-meter.js';
import { shownLocation } from '../image/location-url.js';
import { listFiles } from '../operations/list-files.js';
import { openLayeredImage } from './open-layers.js';
import { numberLayers, type NumberedLayer } from './numbered-layer.js';
import { TEXT } from './option-kinds.js';
import type { CommonOptions } from './options.js';
import { Session } from './session.js';

export interface FilesOptions extends CommonOptions {
  readonly location: string;
  readonly platform?: string | undefined;
  /** At or below this path of the image; links are followed within it. Default: everything. */
  readonly path?: string | undefined;
  /** Only what this layer holds, whiteouts included: its number, 1 being the base, or 12 or more digits of its digest or diffID. */
  readonly layer?: string | undefined;
  /** Also find the bytes that later layers shadow. Default false. */
  readonly wasted?: boolean | undefined;
}

export interface FilesResult {
  readonly location: string;
  /** Of the image's manifest. */
  readonly digest: Digest;
  readonly layers: readonly NumberedLayer[];
  /** Sorted by path, folders before what they hold; made while it is iterated, as often as needed. */
  readonly entries: Iterable<FileEntry>;
  /** With `wasted`. */
  readonly waste?: Waste | undefined;
}

/**
 * The files of an image as a container sees them (union rules of the OCI image spec), or those of one layer, without
 * unpacking anything. Every layer is proven against its digest on the way.
 */
export function files(options: FilesOptions): Promise<FilesResult> {
  return Session.call(options, { location: TEXT }, async (session) => {
    const { location, path, layer, wasted, signal, onProgress } = options;
    const image = await openLayeredImage(session, location, options.platform);
    const { entries, waste } = await listFiles(image, { path, layer, wasted, signal, onProgress, limits: session.limits });
    return { location: shownLocation(location), digest: image.image.descriptor.digest, layers: numberLayers(image), entries, waste };
  });
}
