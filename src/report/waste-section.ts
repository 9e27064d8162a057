import type { ReportFacts } from '../operations/report/report-facts.js';
import { bar } from './bar.js';
import { formatBytes, formatCounted, formatShare } from './format-number.js';
import { html, type Html } from './html.js';
import { section, table } from './section.js';
import { visiblePath } from './visible-text.js';

const ROWS = 25;

/** Bytes that later layers hide, and the paths that cost them. */
export function wasteSection({ contents }: ReportFacts): Html | undefined {
  if (contents === undefined) return undefined;
  const { paths, bytes, efficiency } = contents.waste;
  const aside = html`${formatBytes(bytes)} hidden by later layers, efficiency ${formatShare(efficiency, 1)}`;
  if (paths.length === 0) return section('waste', 'Wasted bytes', aside, [html`<p>No layer stores what another one holds already.</p>
`]);
  const most = paths[0]?.bytes ?? 1;
  const rows = paths.slice(0, ROWS).map(({ path, bytes: cost, count }) => [html`<code>${visiblePath(path)}</code>`, formatCounted(count, 'time'), html`${formatBytes(cost)}${bar(cost, most, 'warn')}`]);
  return section('waste', 'Wasted bytes', aside, [
    html`<p class="note">A file that a later layer replaces or deletes still travels with the image. These paths are stored or hidden more than once; the sizes are all their versions together. Hidden bytes are those that no name shows any more.</p>
`,
    table('Paths stored more than once', [{ title: 'Path', kind: 'wide' }, { title: 'Stored', kind: 'number' }, { title: 'All versions', kind: 'number' }], rows, paths.length, ROWS),
  ]);
}
