import type { DiffResult, Tally } from '../../src/index.js';
import { escape } from './escape.js';
import { short } from './names.js';
import { bytes, count } from './units.js';

const LETTER = { added: 'A', changed: 'C', deleted: 'D' } as const;

/** `A`, `C` or `D` and what it is about, as `docker diff` prints files; only these begin with `/`, and hold their paths as they are: `writeLines` escapes. */
export function* diffLines({ layers, history, config, files }: DiffResult): Generator<string> {
  for (const each of layers ?? []) {
    if (each.kind === 'same') continue;
    const layer = each.kind === 'added' ? each.new : each.old;
    yield `${LETTER[each.kind]} layer ${layer.number} ${short(layer.digest)} ${bytes(layer.size)}`;
  }
  for (const each of history ?? []) {
    if (each.kind === 'same') continue;
    const step = each.kind === 'added' ? each.new : each.old;
    yield `${LETTER[each.kind]} history ${escape(step.createdBy ?? step.comment ?? '')}`.trimEnd();
  }
  for (const { kind, field, old, new: fresh } of config ?? []) {
    yield `${LETTER[kind]} config ${escape(field)}: ${[old, fresh].flatMap((value) => (value === undefined ? [] : [escape(value)])).join(' -> ')}`.trimEnd();
  }
  for (const { kind, path } of files?.changes ?? []) yield `${LETTER[kind]} ${path}`;
}

/** How many files and bytes; a sentence where nothing differs. */
export function renderDiffSummary({ files, layer, same }: DiffResult): readonly string[] {
  if (same) return ['no differences', ...layersRead({ files, layer })];
  if (files === undefined) return [];
  const part = (word: string, { files: number, bytes: size }: Tally): string => `${count(number, 'file')} (${bytes(size)}) ${word}`;
  return [`${part('added', files.added)}, ${part('changed', files.changed)}, ${part('deleted', files.deleted)}`, ...layersRead({ files, layer })];
}

/** What was not read of layers that both sides have. */
function layersRead({ files, layer: one }: Pick<DiffResult, 'files' | 'layer'>): readonly string[] {
  const shared = (files?.layers ?? []).filter((layer) => layer.shared);
  const of = (read: string): readonly { readonly bytes: number }[] => shared.filter((layer) => layer.read === read);
  const size = (list: readonly { readonly bytes: number }[]): string => bytes(list.reduce((sum, layer) => sum + layer.bytes, 0));
  const parts = [
    ...(of('nothing').length === 0 ? [] : [`${of('nothing').length} not read`]),
    ...(of('names').length === 0 ? [] : [`${of('names').length} read for names alone (${size(of('names'))})`]),
    ...(of('all').length === 0 ? [] : [`${of('all').length} read (${size(of('all'))})`]),
  ];
  return shared.length === 0 ? [] : [`of ${count(shared.length, 'layer')} ${one !== undefined ? 'below' : 'that both have'}: ${parts.join(', ')}`];
}
