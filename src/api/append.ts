import { ImgkitError } from '../errors.js';
import { adjustRootfs } from '../filesystem/rootfs.js';
import { readFolder } from '../filesystem/rootfs-folder.js';
import { shownLocation } from '../image/location-url.js';
import { withConfigField, withLayer, type DraftLayer, type ImageDraft } from '../image/derive.js';
import { writeRootfsLayer } from '../operations/write-rootfs-layer.js';
import { inputName, openLayerInput, plainTar } from './layer-input.js';
import { makeImage, openBase, type Making } from './make-image.js';
import type { MakeOptions } from './make-options.js';
import type { MakeResult } from './make-result.js';
import { TEXT, TEXTS } from './option-kinds.js';
import { refuseTakenName } from './refuse-taken-name.js';
import { rootfsAdjustments, type RootfsOptions } from './rootfs-options.js';
import { Session } from './session.js';
import { sourceDate } from './source-date.js';

/**
 * Puts layers on top of an image and calls the result `to`. A tar is taken as it is, whiteouts included; one that is compressed with
 * gzip or zstd keeps its bytes, and a hard link that leads out of it, or a name given twice, is told. A folder becomes a sorted layer; names
 * in it that begin with `.wh.` delete. The layers below are not read: where a file of theirs has the name of a folder that the new one
 * needs and does not give, Docker on overlay2 puts the folder in its place, and other engines and `files` refuse the image. Deterministic.
 */
export function append(options: MakeOptions & RootfsOptions & { readonly location: string; /** Tars and folders, in order. */ readonly layers: readonly string[] }): Promise<MakeResult> {
  return Session.call(options, { location: TEXT, layers: TEXTS, to: TEXT }, async (session) => {
    const { location, layers, platform } = options;
    const base = await openBase(session, location, platform);
    const date = sourceDate();
    const created = date ?? base.config.created;
    const steps = layers.map((path) => ({ created, createdBy: `imgkit append --layer ${inputName(path)}`, comment: 'imgkit append' }));
    await refuseTakenName(session, options, { kept: base.draft.layers, added: [layers.length, layers.length], step: steps.at(-1) ?? {} });
    return makeImage(session, location, [base], options, async (making) => {
      let draft = date === undefined ? base.draft : withConfigField(base.draft, 'created', date);
      for (const [i, path] of layers.entries()) {
        const layer = await stageInput(session, making, draft, path, options);
        draft = withLayer(draft, layer, steps[i] ?? {});
      }
      return { draft, changes: [] };
    });
  });
}

async function stageInput(session: Session, making: Making, draft: ImageDraft, path: string, options: RootfsOptions): Promise<DraftLayer> {
  const input = await openLayerInput(session, path);
  if (input.kind === 'tar') {
    const { compression } = input;
    // Images hold no xz and no bzip2: such a layer is compressed anew.
    const kept = compression === 'xz' || compression === 'bzip2' ? 'none' : compression;
    const source = kept === compression ? input.source : await plainTar(session, input);
    try {
      refuseExcludes(path, options);
      if (options.owner !== undefined) making.note('tars become layers as they are: --owner is for folders', shownLocation(path));
      return await making.stageTar(draft, source, kept, shownLocation(path));
    } finally {
      await source.close();
    }
  }
  const adjustments = rootfsAdjustments(options);
  const rootfs = readFolder(path, { limits: session.limits, signal: session.options.signal, excludes: adjustments.excludes, whiteouts: 'keep' });
  adjustRootfs(rootfs, adjustments);
  for (const note of rootfs.notes) making.note(note, path);
  return making.stage(draft, writeRootfsLayer(rootfs, path, session.options.onProgress), path);
}

/** What somebody wants left out, such as a key, must not get in without a word. */
function refuseExcludes(path: string, { exclude = [] }: RootfsOptions): void {
  if (exclude.length === 0) return;
  throw new ImgkitError('usage', `${shownLocation(path)}: a tar becomes a layer as it is, so --exclude leaves nothing out of it; append it without --exclude, or unpack it and append the folder.`, { file: shownLocation(path) });
}
