import { closedRoot } from '../filesystem/closed-root.js';
import type { FileTree } from '../filesystem/file-tree.js';
import { newestTime, type Rootfs } from '../filesystem/rootfs.js';
import { applyChanges, joinChanges } from '../image/change-instruction.js';
import { formatTarTime, parseCreated } from '../image/created-time.js';
import { emptyDraft, withConfigField, withContainer, withLayer } from '../image/derive.js';
import { shownLocation } from '../image/location-url.js';
import { hostPlatform, parsePlatform } from '../image/platform.js';
import { inputName, openLayerInput } from './layer-input.js';
import { makeImage } from './make-image.js';
import type { MakeOptions } from './make-options.js';
import type { MakeResult } from './make-result.js';
import { PATH, TEXT } from './option-kinds.js';
import { refuseTakenName } from './refuse-taken-name.js';
import { rootfsAdjustments, type RootfsOptions } from './rootfs-options.js';
import { Session } from './session.js';
import { sourceDate } from './source-date.js';
import { stageRootfs } from './stage-rootfs.js';

export interface ImportOptions extends MakeOptions, RootfsOptions {
  /** A tar, compressed with gzip, zstd, xz or bzip2 or not: a file, a URL, `-` for standard input; or a folder. */
  readonly rootfs: string;
  /** Dockerfile instructions: CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME, WORKDIR. */
  readonly changes?: readonly string[] | undefined;
  /** The comment in the history. Default: `Imported from FILE`. */
  readonly message?: string | undefined;
  /** RFC 3339, or seconds since 1970. Default: SOURCE_DATE_EPOCH, else the newest time of a file. */
  readonly created?: string | undefined;
}

/**
 * Makes an image of one layer from a filesystem, as `docker import` does. The layer is sorted; its bytes depend on names,
 * content and metadata of the files alone. `platform` is that of the new image (default: this machine's).
 */
export function importImage(options: ImportOptions): Promise<MakeResult> {
  return Session.call(options, { rootfs: PATH, to: TEXT }, async (session) => {
    const { changes = [], message, platform } = options;
    const from = shownLocation(options.rootfs);
    const adjustments = rootfsAdjustments(options);
    const asked = options.created === undefined ? undefined : parseCreated(options.created, '--created');
    // Before anything is read: a mistake in an instruction should not take minutes to show.
    const empty = withContainer(emptyDraft(platform === undefined ? hostPlatform() : parsePlatform(platform)), (container) => applyChanges(container, joinChanges(changes)));
    const date = sourceDate();
    const step = { createdBy: 'imgkit import', comment: message ?? `Imported from ${inputName(options.rootfs)}` };
    const outline = { kept: [], added: [1, 1] } as const;
    const mayBeRefused = await refuseTakenName(session, options, { ...outline, step });
    const createdOf = ({ tree }: Pick<Rootfs, 'tree'>): string | undefined => asked ?? date ?? newestIn(tree);
    const onRead = mayBeRefused ? async (rootfs: Rootfs) => void (await refuseTakenName(session, options, { ...outline, step: { ...step, created: createdOf(rootfs) } })) : undefined;
    const input = await openLayerInput(session, options.rootfs);
    try {
      return await makeImage(session, from, [], options, async (making) => {
        const staged = await stageRootfs(session, input, making, { draft: empty, from, adjustments, onRead });
        const { tree, root, notes, layer } = staged;
        for (const note of notes) making.note(note, from);
        const closed = root === 'implied' ? undefined : closedRoot(tree.root.inode.mode);
        if (closed !== undefined) making.note(closed, from);
        if (looksLikeImages(staged)) making.note('this looks like an archive of images, and now is a file system with that in it; imgkit load takes the images', from);
        const created = createdOf(staged);
        const dated = created === undefined ? empty : withConfigField(empty, 'created', created);
        return { draft: withLayer(withConfigField(dated, 'comment', step.comment), layer, { ...step, created }), changes };
      });
    } finally {
      if (input.kind === 'tar') await input.source.close();
    }
  });
}

function newestIn(tree: FileTree): string | undefined {
  const newest = newestTime(tree);
  return newest && formatTarTime(newest);
}

/** What `docker load` and `docker import` are mixed up with: both take a tar. */
function looksLikeImages({ tree }: Pick<Rootfs, 'tree'>): boolean {
  return (tree.get('oci-layout') !== undefined && tree.get('index.json') !== undefined) || (tree.get('manifest.json') !== undefined && (tree.get('repositories') !== undefined || tree.get('blobs') !== undefined));
}
