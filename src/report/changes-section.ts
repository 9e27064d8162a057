import { REPORT_LIMITS } from '../limits.js';
import type { ReportedChange, ReportedComparison, ReportFacts } from '../operations/report/report-facts.js';
import { formatBytes, formatCount, formatCounted } from './format-number.js';
import { html, type Html } from './html.js';
import { section, table } from './section.js';
import { visiblePath } from './visible-text.js';

const WORDS = { added: 'Added', changed: 'Changed', deleted: 'Deleted' } as const;

/** What differs from the older image. */
export function changesSection({ comparison }: ReportFacts): Html | undefined {
  if (comparison === undefined) return undefined;
  const { location, digest, layers, count, changes, config } = comparison;
  return section('changes', 'Changes', html`against ${location}`, [
    html`<p class="note">Compared with <code class="digest inline">${digest}</code>: ${formatCounted(layers.same, 'layer')} the same, ${formatCount(layers.added)} new, ${formatCount(layers.deleted)} gone.</p>
`,
    tallies(comparison),
    ...(count === 0 ? [html`<p>No file differs.</p>
`] : [table('Changed files, the largest first', [{ title: 'Change' }, { title: 'Path', kind: 'wide' }, { title: 'In what' }, { title: 'Before', kind: 'number' }, { title: 'After', kind: 'number' }], changes.map(changeRow), count, REPORT_LIMITS.changes)]),
    ...(config.length === 0 ? [] : [html`<h3>Settings</h3>
`, table('Changed settings', [{ title: 'Change' }, { title: 'Setting', kind: 'code' }, { title: 'Before', kind: 'code' }, { title: 'After', kind: 'code' }], config.slice(0, REPORT_LIMITS.rows).map(({ kind, field, old, new: fresh }) => [tag(kind), field, old ?? '–', fresh ?? '–']), config.length)]),
  ]);
}

function tallies({ added, changed, deleted }: ReportedComparison): Html {
  const one = (kind: keyof typeof WORDS, { files, bytes }: { readonly files: number; readonly bytes: number }): Html => html`<div class="tally"><dt>${tag(kind)}</dt><dd><b>${formatCount(files)}</b> ${files === 1 ? 'file' : 'files'}, ${formatBytes(bytes)}</dd></div>`;
  return html`<dl class="tallies">${one('added', added)}${one('changed', changed)}${one('deleted', deleted)}</dl>
`;
}

function changeRow({ kind, path, differences, oldBytes, newBytes }: ReportedChange): readonly (Html | string)[] {
  return [tag(kind), html`<code>${visiblePath(path)}</code>`, differences.join(', '), kind === 'added' ? '–' : formatBytes(oldBytes), kind === 'deleted' ? '–' : formatBytes(newBytes)];
}

function tag(kind: keyof typeof WORDS): Html {
  return html`<span class="tag ${kind}">${WORDS[kind]}</span>`;
}
