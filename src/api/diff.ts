import type { Digest } from '../content/digest.js';
import type { Difference } from '../filesystem/compare-inodes.js';
import { ImgkitError } from '../errors.js';
import { fileEntry, type FileEntry } from '../filesystem/file-entry.js';
import type { TreeNode } from '../filesystem/tree-node.js';
import type { HistoryEntry } from '../image/config.js';
import { diffConfig, type ConfigChange } from '../operations/diff-config.js';
import { diffFiles, diffLayer, type FilesDiff, type Tally } from '../operations/diff-files.js';
import type { LayerUse } from '../filesystem/read-tree-pair.js';
import { shownLocation } from '../image/location-url.js';
import { selectLayer, withLayers, type ConfiguredImage } from '../operations/image-layers.js';
import { alignSequences, type Aligned } from '../operations/sequence-diff.js';
import { numberLayers, type NumberedLayer } from './numbered-layer.js';
import { openConfiguredImage } from './open-layers.js';
import { TEXT } from './option-kinds.js';
import type { CommonOptions } from './options.js';
import { Session } from './session.js';

export type DiffPart = 'layers' | 'files' | 'config' | 'history';

export interface DiffOptions extends CommonOptions {
  readonly old: string;
  /** The other image. Leave it out to see what `layer` of the one image does. */
  readonly new?: string | undefined;
  /** A layer of `old`: its number, 1 being the base, or 12 or more digits of its digest or diffID. */
  readonly layer?: string | undefined;
  readonly platform?: string | undefined;
  /** What to compare. Default: files and config; of one layer, its files. */
  readonly parts?: readonly DiffPart[] | undefined;
  /** Content of files alone: no modes, owners, attributes. Default false. */
  readonly contentOnly?: boolean | undefined;
  /** Times of files as well. Default false. */
  readonly mtime?: boolean | undefined;
}

/** One path that differs. */
export interface FileChange {
  readonly kind: 'added' | 'changed' | 'deleted';
  /** From the root of the container: `/usr/bin/sh`. */
  readonly path: string;
  /** Of a changed path; empty for a folder that is named because of what is in it. */
  readonly differences: readonly Difference[];
  readonly old?: FileEntry | undefined;
  readonly new?: FileEntry | undefined;
}

/** How files differ, and what was read to tell. */
export interface FilesDifference {
  /** Sorted by path; made while it is iterated, as often as needed. */
  readonly changes: Iterable<FileChange>;
  readonly added: Tally;
  readonly changed: Tally;
  readonly deleted: Tally;
  /** Base first, those of the old image before those that only the new one has. */
  readonly layers: readonly LayerUse[];
}

export interface DiffResult {
  readonly old: { readonly location: string; readonly digest: Digest };
  readonly new: { readonly location: string; readonly digest: Digest };
  /** With `layer`: which it was. */
  readonly layer?: NumberedLayer | undefined;
  /** True when nothing that was compared differs. */
  readonly same: boolean;
  /** Base first. */
  readonly layers?: readonly Aligned<NumberedLayer>[] | undefined;
  readonly files?: FilesDifference | undefined;
  readonly config?: readonly ConfigChange[] | undefined;
  /** Oldest first; times of steps are not compared. */
  readonly history?: readonly Aligned<HistoryEntry>[] | undefined;
}

/**
 * What differs between two images, or what one layer does, without unpacking anything. Layers that only one
 * image has are proven against their digests on the way. Those that both have at the bottom, and those below the one `layer`,
 * are taken to be what their digests say: they are not read, or for their names alone; `files.layers` tells. For config, history and
 * layers no layer is read, so that they may be encrypted.
 */
export function diff(options: DiffOptions): Promise<DiffResult> {
  return Session.call(options, { old: TEXT }, async (session) => {
    const { contentOnly, mtime, signal, onProgress, platform } = options;
    const work = { contentOnly, mtime, signal, onProgress, limits: session.limits };
    const old = await openConfiguredImage(session, options.old, platform);
    const digestOf = (image: ConfiguredImage): Digest => image.image.descriptor.digest;
    if (options.new === undefined) {
      if (options.parts?.some((part) => part !== 'files') === true) throw new ImgkitError('usage', 'Of one layer only files can be compared; name a second image for layers, config and history.');
      const { layers } = withLayers(old);
      const layer = selectLayer(layers, options.layer ?? String(layers.length), shownLocation(options.old));
      const files = await diffLayer(layers, layer, work);
      const side = { location: shownLocation(options.old), digest: digestOf(old) };
      return { old: side, new: side, layer: numberLayers(old)[layer.number], same: files.count === 0, files: describeFiles(files) };
    }
    const fresh = await openConfiguredImage(session, options.new, platform);
    const parts = new Set(options.parts ?? ['files', 'config']);
    const layers = parts.has('layers') ? alignSequences(numberLayers(old), numberLayers(fresh), ({ diffId }) => diffId) : undefined;
    const files = parts.has('files') ? await diffFiles(withLayers(old).layers, withLayers(fresh).layers, work) : undefined;
    const config = parts.has('config') ? diffConfig(old.config, fresh.config) : undefined;
    const history = parts.has('history') ? alignSequences(old.config.history, fresh.config.history, ({ createdBy, comment, author, emptyLayer }) => JSON.stringify([createdBy, comment, author, emptyLayer])) : undefined;
    const differs = [layers, history].some((list) => list?.some(({ kind }) => kind !== 'same')) || (files?.count ?? 0) + (config?.length ?? 0) > 0;
    return {
      old: { location: shownLocation(options.old), digest: digestOf(old) },
      new: { location: shownLocation(options.new), digest: digestOf(fresh) },
      same: !differs, layers, files: files && describeFiles(files), config, history,
    };
  });
}

function describeFiles({ changes, added, changed, deleted, uses }: FilesDiff): FilesDifference {
  const entry = (path: string, node: TreeNode | undefined): FileEntry | undefined => node && fileEntry(`/${path}`, node.inode, node.layer);
  return {
    added, changed, deleted, layers: uses,
    changes: {
      * [Symbol.iterator]() {
        for (const { kind, path, differences, old, new: fresh } of changes) yield { kind, path: `/${path}`, differences, old: entry(path, old), new: entry(path, fresh) };
      },
    },
  };
}
