import { ImgkitError } from '../errors.js';
import { extractImage } from '../operations/extract-image.js';
import type { Digest } from '../content/digest.js';
import { shownLocation } from '../image/location-url.js';
import { leaseStore } from './lease-store.js';
import { openLayeredImage } from './open-layers.js';
import { PATH, TEXT } from './option-kinds.js';
import type { CommonOptions } from './options.js';
import { Session } from './session.js';

export interface ExtractOptions extends CommonOptions {
  readonly location: string;
  /** The folder to make; it must not be there, or be empty. */
  readonly to: string;
  /** Files and folders of the image; links are followed within it. Default: everything. */
  readonly paths?: readonly string[] | undefined;
  readonly platform?: string | undefined;
  /** Keep owners, set-ID bits and extended attributes (capabilities among them), and make devices. Root only. Default: files belong to who runs it, devices are left out. */
  readonly preserveOwner?: boolean | undefined;
  /** Write the extended attributes of users (`user.*`), with `setfattr`; `preserveOwner` writes all of them. Default false. */
  readonly xattrs?: boolean | undefined;
}

export interface ExtractResult {
  readonly location: string;
  /** Of the image's manifest. */
  readonly digest: Digest;
  readonly to: string;
  readonly files: number;
  readonly folders: number;
  /** Symlinks and hard links. */
  readonly links: number;
  /** Fifos and devices. */
  readonly specials: number;
  /** Bytes of files. */
  readonly bytes: number;
  /** What could not be made as it is, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * Writes the files of an image, as a container would see them, into a new folder that only its owner may enter. Whatever the
 * image holds, nothing is written outside. All or nothing: `to` appears when everything is there and proven.
 */
export function extract(options: ExtractOptions): Promise<ExtractResult> {
  return Session.call(options, { location: TEXT, to: PATH }, async (session) => {
    const { location, to, paths = [], platform, preserveOwner, xattrs, signal, onProgress } = options;
    if (preserveOwner === true && process.getuid?.() !== 0) throw new ImgkitError('usage', 'Only root can give files to others; run it as root, or without --preserve-owner.');
    const image = await openLayeredImage(session, location, platform);
    const lease = await leaseStore([image], options);
    try {
      const kept = preserveOwner === true
        ? { ownership: 'as-stored', xattrs: 'all' } as const
        : { ownership: 'mine', xattrs: xattrs === true ? 'user' : 'none' } as const;
      const extracted = await extractImage(image, { paths, to, ...kept, limits: session.limits, signal, onProgress });
      return { location: shownLocation(location), digest: image.image.descriptor.digest, to, ...extracted };
    } finally {
      await lease?.release();
    }
  });
}
