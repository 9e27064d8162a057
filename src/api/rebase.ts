import { counted } from '../content/counted.js';
import { withConfigField } from '../image/derive.js';
import { formatPlatform } from '../image/platform.js';
import { rebaseDraft } from '../image/rebase.js';
import { shownLocation } from '../image/location-url.js';
import { makeImage, openBase } from './make-image.js';
import type { MakeOptions } from './make-options.js';
import type { MakeResult } from './make-result.js';
import { TEXT } from './option-kinds.js';
import { Session } from './session.js';
import { sourceDate } from './source-date.js';

const BASE_NAME = 'org.opencontainers.image.base.name';
const BASE_DIGEST = 'org.opencontainers.image.base.digest';

/**
 * Puts what an image added to `oldBase` on `newBase` and calls the result `to`. No layer is read: it is right only where the
 * added layers do not depend on what the bases have different. Throws `base-mismatch` when the image is not built on `oldBase`.
 */
export function rebase(options: MakeOptions & { readonly location: string; readonly oldBase: string; readonly newBase: string }): Promise<MakeResult> {
  return Session.call(options, { location: TEXT, oldBase: TEXT, newBase: TEXT, to: TEXT }, async (session) => {
    const { location, platform } = options;
    const image = await openBase(session, location, platform);
    const wanted = platform ?? formatPlatform(image.config);
    const oldBase = await openBase(session, options.oldBase, wanted);
    const newBase = await openBase(session, options.newBase, wanted);
    const rebased = rebaseDraft(image.draft, oldBase.draft, newBase.draft);
    const created = sourceDate();
    const dated = created === undefined ? rebased : withConfigField(rebased, 'created', created);
    const annotations = new Map(dated.manifest.annotations).set(BASE_DIGEST, newBase.image.descriptor.digest);
    annotations.delete(BASE_NAME);
    const [name] = newBase.root.names;
    if (name !== undefined) annotations.set(BASE_NAME, name);
    const changes = [
      `${counted(oldBase.draft.layers.length, 'layer')} of ${shownLocation(options.oldBase)} replaced by ${newBase.draft.layers.length} of ${shownLocation(options.newBase)}`,
      `${counted(image.draft.layers.length - oldBase.draft.layers.length, 'layer')} kept on top`,
    ];
    return makeImage(session, location, [image, newBase], options, async () => ({ draft: { ...dated, manifest: { ...dated.manifest, annotations } }, changes }));
  });
}
