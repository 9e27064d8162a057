import { ImgkitError } from '../errors.js';
import { nameInRef } from '../image/index-names.js';
import type { Location } from '../image/location.js';
import { formatReference, parseReference } from '../image/reference.js';
import type { Limits } from '../limits.js';
import { distinctSelections, withoutNicknamed } from '../operations/distinct-selections.js';
import { withReferrers } from '../operations/referrers.js';
import type { Selection } from '../operations/selection.js';
import { renamed, targetName } from './target-name.js';

/** What goes to one place in one transfer, under the names that it shall have there. */
export interface Delivery {
  readonly target: Location;
  readonly selections: readonly Selection[];
}

/**
 * How `selections` reach `target`: in one transfer; where that is a registry as such, in one for each name, with what is about the image
 * that has it. Throws `usage` when a target of one name is meant for several images, when an image would have no name at a registry,
 * or two would have the same one.
 */
export async function planDeliveries(selections: readonly Selection[], target: Location, limits: Limits): Promise<readonly Delivery[]> {
  const distinct = distinctSelections(selections);
  if (target.kind !== 'registry-host') return [{ target, selections: renamed(distinct, target) }];
  const pushes = new Map<string, { readonly first: Selection; readonly name: string; readonly selections: Selection[] }>();
  for (const selection of withoutNicknamed(distinct).filter(({ meant }) => meant)) {
    const { source, root } = selection;
    const { digest } = root.descriptor;
    if (selection.names.length === 0) throw new ImgkitError('usage', `${source.location}: an image there has no name, so nothing says where it goes; say it: docker://HOST/NAME:TAG.`, { file: source.location, entry: digest });
    const about = (await withReferrers(source, [root], limits)).slice(1).map((each): Selection => ({ source, root: each, names: each.names, refName: each.refName, meant: false }));
    for (const name of selection.names) {
      const reference = nameAt(target, name);
      const { first, name: before, selections: together } = pushes.get(reference) ?? { first: selection, name, selections: [] };
      if (first.root.descriptor.digest !== digest) throw new ImgkitError('usage', `${target.text}: ${before} of ${first.source.location} and ${name} of ${source.location} would both be ${reference} there; push one of them under a name of its own: docker://HOST/NAME:TAG.`, { found: reference });
      pushes.set(reference, { first, name: before, selections: [...together, { ...selection, names: [reference] }, ...about] });
    }
  }
  return [...pushes].map(([reference, push]) => {
    const place: Location = { kind: 'registry', reference, text: `docker://${reference}` };
    return { target: place, selections: renamed(distinctSelections(push.selections), place) };
  });
}

/** The names that an image with `names` gets at `target`, beside its own. */
export function givenNames(target: Location, names: readonly string[]): readonly string[] {
  if (target.kind === 'registry-host') return names.map((name) => nameAt(target, name));
  const { names: given = [], refName = '' } = targetName(target) ?? {};
  // Whoever reads the layout takes a whole name in its ref for the name of the image.
  const inRef = nameInRef(refName);
  return inRef === undefined ? given : [...given, inRef];
}

function nameAt({ under }: Extract<Location, { kind: 'registry-host' }>, name: string): string {
  if (under === undefined) return name;
  const { repository, tag } = parseReference(name);
  return formatReference({ ...parseReference(`${under}${repository}`), ...(tag !== undefined && { tag }) });
}
