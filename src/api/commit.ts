import { counted } from '../content/counted.js';
import { closedRoot } from '../filesystem/closed-root.js';
import { adjustRootfs } from '../filesystem/rootfs.js';
import { applyChanges, joinChanges } from '../image/change-instruction.js';
import { parseCreated } from '../image/created-time.js';
import { withConfigField, withContainer, withLayer, withStep } from '../image/derive.js';
import { shownLocation } from '../image/location-url.js';
import { commitLayer } from '../operations/commit-layer.js';
import { openLayers } from '../operations/image-layers.js';
import { writeRootfsLayer } from '../operations/write-rootfs-layer.js';
import { inputName } from './layer-input.js';
import { makeImage, openBase } from './make-image.js';
import { leaseStore } from './lease-store.js';
import type { MakeOptions } from './make-options.js';
import type { MakeResult } from './make-result.js';
import { openRootfs } from './open-rootfs.js';
import { PATH, TEXT } from './option-kinds.js';
import { refuseTakenName } from './refuse-taken-name.js';
import { rootfsAdjustments, type RootfsOptions } from './rootfs-options.js';
import { Session } from './session.js';
import { sourceDate } from './source-date.js';

export interface CommitOptions extends MakeOptions, RootfsOptions {
  /** The image that the files started as. */
  readonly base: string;
  /** All files as they are now: a folder, or a tar such as `docker export` writes; `-` is standard input. */
  readonly rootfs: string;
  readonly author?: string | undefined;
  /** The comment of the image and of its last step. */
  readonly message?: string | undefined;
  /** Dockerfile instructions, as `docker commit -c` takes them. */
  readonly changes?: readonly string[] | undefined;
  /** RFC 3339, or seconds since 1970. Default: SOURCE_DATE_EPOCH, else that of the base. */
  readonly created?: string | undefined;
}

/**
 * Puts one layer on `base`, the smallest that makes its files those of `rootfs`: additions, changes, whiteouts. Content is
 * compared, not times alone. Where nothing differs there is no new layer.
 */
export function commit(options: CommitOptions): Promise<MakeResult> {
  return Session.call(options, { base: TEXT, rootfs: PATH, to: TEXT }, async (session) => {
    const { author, message, changes = [], platform, signal, onProgress } = options;
    const from = shownLocation(options.rootfs);
    const { latest, ...adjustments } = rootfsAdjustments(options);
    const base = await openBase(session, options.base, platform);
    const layered = await openLayers(base.source, base.image, session.limits);
    const created = options.created === undefined ? sourceDate() ?? base.config.created : parseCreated(options.created, '--created');
    const changed = withContainer(base.draft, (container) => applyChanges(container, joinChanges(changes)));
    const authored = author === undefined ? changed : withConfigField(changed, 'author', author);
    const commented = withConfigField(authored, 'comment', message);
    const draft = created === undefined ? commented : withConfigField(commented, 'created', created);
    const step = { created, createdBy: `imgkit commit --rootfs ${inputName(options.rootfs)}`, author, comment: message };
    await refuseTakenName(session, options, { kept: base.draft.layers, added: [0, 1], step });
    const { rootfs, kind } = await openRootfs(session, options.rootfs, adjustments);
    const lease = await leaseStore([base], options);
    try {
      adjustRootfs(rootfs, adjustments);
      const between = await commitLayer(layered, rootfs, { limits: session.limits, signal, onProgress, xattrs: kind === 'folder' ? 'unknown' : 'known', latest, excludes: adjustments.excludes });
      return await makeImage(session, options.base, [base], options, async ({ stage, note }) => {
        for (const each of rootfs.notes) note(each, from);
        const { added, changed: different, deleted, tree, root } = between;
        if (added + different + deleted === 0) {
          note('it has the same files as the base, so there is no new layer', from);
          return { draft: withStep(draft, step), changes };
        }
        const closed = root === 'implied' ? undefined : closedRoot(tree.root.inode.mode);
        if (closed !== undefined) note(closed, from);
        const layer = await stage(draft, writeRootfsLayer({ tree, root, open: rootfs.open }, from, onProgress), from);
        return { draft: withLayer(draft, layer, step), changes: [`${counted(added, 'path')} added, ${different} changed, ${deleted} deleted`, ...changes] };
      });
    } finally {
      await rootfs.close();
      await lease?.release();
    }
  });
}
