import { REPORT_LIMITS } from '../limits.js';
import { formatCount } from './format-number.js';
import { html, type Html } from './html.js';

/** A part of the page with a heading that the contents link to. */
export function section(id: string, title: string, aside: Html | undefined, body: readonly Html[]): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title"><header class="section-head"><h2 id="${id}-title">${title}</h2>${aside && html`<p class="aside">${aside}</p>`}</header>
${body}</section>
`;
}

export interface Column {
  readonly title: string;
  /** `number`: right-aligned; `minor`: likewise, and left out where there is little room; `wide`: takes the room; `code`: monospaced. */
  readonly kind?: 'number' | 'minor' | 'wide' | 'code' | undefined;
}

/** A table of more rows scrolls in a window of its own, so that what comes after it can be found; on paper it is whole. */
const TALL = 40;

/**
 * A table with at most `REPORT_LIMITS.rows` rows (or `most`), which says how many there were. It can be focused where it may have to
 * be scrolled, so that keys reach all of it.
 */
export function table(caption: string, columns: readonly Column[], rows: readonly (readonly (Html | string | number | undefined)[])[], total: number = rows.length, most: number = REPORT_LIMITS.rows): Html {
  const shown = rows.slice(0, most);
  const cell = (value: Html | string | number | undefined, i: number): Html => html`<td class="${columns[i]?.kind ?? 'text'}">${value}</td>`;
  return html`<div class="${shown.length > TALL ? 'scroll tall' : 'scroll'}" role="region" aria-label="${caption}" tabindex="0"><table><caption class="hidden">${caption}</caption><thead><tr>${columns.map(({ title, kind }) => html`<th scope="col" class="${kind ?? 'text'}">${title}</th>`)}</tr></thead>
<tbody>${shown.map((row) => html`<tr>${row.map(cell)}</tr>
`)}</tbody></table></div>${shown.length < total ? html`<p class="more">${formatCount(shown.length)} of ${formatCount(total)} rows.</p>` : undefined}
`;
}

/** Names and values; `total` is how many there were before some were left out. */
export function definitions(rows: readonly (readonly [name: string | Html, value: Html | string | undefined])[], total: number = rows.length): Html {
  const shown = rows.filter(([, value]) => value !== undefined);
  const more = total - rows.length;
  return html`<dl class="facts">${shown.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>
`)}</dl>${more > 0 ? html`<p class="more">${formatCount(more)} more are left out.</p>` : undefined}`;
}
