import { withoutNicknames } from '../image/nicknames.js';
import type { Selection } from './selection.js';

/** `selections` without what was picked twice: of one digest, every name once. What the user named goes before what goes along with it. */
export function distinctSelections(selections: readonly Selection[]): readonly Selection[] {
  const given = new Set<string>();
  const kept = new Map<Selection, Selection>();
  for (const selection of [...selections.filter(({ meant }) => meant), ...selections.filter(({ meant }) => !meant)]) {
    const { root: { descriptor: { digest } }, names, refName } = selection;
    const left = names.filter((name) => isNew(given, `${digest} ${name}`));
    if (left.length > 0 || (names.length === 0 && isNew(given, `${digest} #${refName ?? ''}`))) kept.set(selection, { ...selection, names: left });
  }
  return selections.flatMap((selection) => kept.get(selection) ?? []);
}

/** `selections` without those that only bare ref names tell from others of the same image: for targets that have no place for such names. */
export function withoutNicknamed(selections: readonly Selection[]): readonly Selection[] {
  const kept = new Set(withoutNicknames(selections.filter(({ meant }) => meant), ({ root: { descriptor: { digest } }, names }) => ({ digest, names })));
  return selections.filter((selection) => !selection.meant || kept.has(selection));
}

function isNew(given: Set<string>, key: string): boolean {
  const before = given.size;
  return given.add(key).size > before;
}
