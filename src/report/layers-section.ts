import { REPORT_LIMITS } from '../limits.js';
import type { ReportFacts } from '../operations/report/report-facts.js';
import { bar } from './bar.js';
import { formatBytes, formatCounted, formatShare } from './format-number.js';
import { html, type Html } from './html.js';
import { plainCommand, shadeOf } from './layer-steps.js';
import { section, table } from './section.js';

/** The layers as one strip, and one by one with the command that made each. */
export function layersSection({ layers, contents }: ReportFacts): Html {
  const stored = layers.reduce((sum, { size }) => sum + size, 0);
  const largest = Math.max(1, ...layers.map(({ size }) => size));
  const rows = layers.slice(0, REPORT_LIMITS.rows).map(({ number, digest, size, step }, i) => {
    const seen = contents?.tree.perLayer[i];
    return [
      html`<span class="swatch shade${shadeOf(number, layers.length)}" aria-hidden="true"></span>${number}`,
      command(step?.createdBy, step?.comment, digest),
      html`${formatBytes(size)}${bar(size, largest)}`,
      formatShare(size, stored),
      seen === undefined ? '–' : formatBytes(seen.bytes),
    ];
  });
  return section('layers', 'Layers', html`${formatCounted(layers.length, 'layer')}, ${formatBytes(stored)} as stored`, [
    strip(layers, stored),
    table('Layers, the base first', [{ title: '#' }, { title: 'Made by', kind: 'wide' }, { title: 'Stored', kind: 'number' }, { title: 'Share', kind: 'minor' }, { title: 'Visible', kind: 'number' }], rows, layers.length),
  ]);
}

/** Commands longer than this are folded away, with their start left to see. */
const LONG = 240;

function command(createdBy: string | undefined, comment: string | undefined, digest: string): Html {
  const text = createdBy === undefined || createdBy === '' ? undefined : plainCommand(createdBy);
  const shown = text === undefined
    ? html`<span class="quiet">${comment ?? 'The image does not say.'}</span>`
    : text.length <= LONG
      ? html`<code class="command">${text}</code>`
      : html`<details><summary><code class="command">${text.slice(0, LONG)}…</code></summary><code class="command">${text}</code></details>`;
  return html`${shown}<code class="digest">${digest}</code>`;
}

function strip(layers: ReportFacts['layers'], stored: number): Html {
  let x = 0;
  const parts = layers.slice(0, REPORT_LIMITS.rows).map(({ number, size, step }) => {
    const width = stored === 0 ? 0 : (1000 * size) / stored;
    const at = x;
    x += width;
    return html`<rect class="fill${shadeOf(number, layers.length)}" x="${at.toFixed(2)}" width="${Math.max(0, width - 1.2).toFixed(2)}" height="1"><title>Layer ${number}: ${formatBytes(size)}. ${plainCommand(step?.createdBy ?? '').slice(0, 160)}</title></rect>`;
  });
  return html`<svg class="strip" viewBox="0 0 1000 1" preserveAspectRatio="none" role="img" aria-label="The layers side by side, the base at the left">${parts}</svg>
`;
}
