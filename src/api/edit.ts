import { ImgkitError } from '../errors.js';
import { parseCreated } from '../image/created-time.js';
import { editDraft, type EditRequest } from '../image/edit.js';
import { makeImage, openBase } from './make-image.js';
import type { MakeOptions } from './make-options.js';
import type { MakeResult } from './make-result.js';
import { TEXT } from './option-kinds.js';
import { Session } from './session.js';
import { sourceDate } from './source-date.js';

/**
 * Changes config and annotations of an image and calls the result `to`. Layers stay bit for bit; fields that this library has
 * no name for stay too. Deterministic: times come from `created`, SOURCE_DATE_EPOCH or the image.
 */
export function edit(options: MakeOptions & EditRequest & { readonly location: string }): Promise<MakeResult> {
  return Session.call(options, { location: TEXT, to: TEXT }, async (session) => {
    const { location, platform } = options;
    const base = await openBase(session, location, platform);
    const created = options.created === undefined ? undefined : parseCreated(options.created, '--created');
    const made = editDraft(base.draft, { ...options, created }, sourceDate() ?? base.config.created);
    if (made.changes.length === 0) throw new ImgkitError('usage', 'Nothing is to be changed; say what, for example --env NAME=VALUE.');
    return makeImage(session, location, [base], options, async () => made);
  });
}
