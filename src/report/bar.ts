import { html, type Html } from './html.js';

/** A share as a bar. Drawn as SVG: a width in a style attribute would need a hole in the page's policy. */
export function bar(part: number, whole: number, kind = 'plain'): Html {
  const width = whole <= 0 ? 0 : Math.round((1000 * Math.min(part, whole)) / whole) / 10;
  // Something is never drawn as nothing.
  const drawn = part > 0 ? Math.max(width, 0.8) : 0;
  return html`<svg class="bar ${kind}" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="track" width="100" height="1"/><rect class="value" width="${drawn}" height="1"/></svg>`;
}
