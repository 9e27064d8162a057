import type { Waste } from '../../src/index.js';
import { escape } from './escape.js';
import { table } from './table.js';
import { bytes } from './units.js';

/** What several layers spend bytes on, dearest first. */
export function renderWaste({ paths }: Waste): readonly string[] {
  if (paths.length === 0) return [];
  return table([{ title: 'LAYERS', align: 'right' }, { title: 'BYTES', align: 'right' }, { title: 'PATH' }], paths.map(({ path, bytes: size, count }) => [String(count), String(size), escape(path)]), undefined);
}

/** dive's score, and what it means here. */
export function efficiencyLine({ bytes: shadowed, efficiency }: Waste): string {
  return `efficiency ${(efficiency * 100).toFixed(1)} %; later layers shadow ${bytes(shadowed)}`;
}
