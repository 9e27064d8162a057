import type { ReportFacts } from '../operations/report/report-facts.js';
import { bar } from './bar.js';
import { folderSizes, pathOf } from './folder-sizes.js';
import { formatBytes, formatCount, formatCounted, formatShare } from './format-number.js';
import { html, type Html } from './html.js';
import { SHADES } from './layer-steps.js';
import { section, table } from './section.js';
import { visiblePath } from './visible-text.js';

const FOLDERS = 15;
const FILES = 15;

/** What fills the image: a map to walk through where scripts run, and the largest folders and files for everybody. */
export function contentsSection({ contents, layers }: ReportFacts): Html {
  if (contents === undefined) {
    return section('contents', 'What fills it', undefined, [html`<p>The files could not be read: a layer is broken. See <a href="#checks">what was checked</a>.</p>
`]);
  }
  const { tree } = contents;
  const { nodes, bytes, files, folders, others, shown } = tree;
  const sizes = folderSizes(nodes);
  const largestFolders = nodes.map((node, i) => ({ node, i, depth: sizes[i]?.depth ?? 0, size: sizes[i]?.bytes ?? 0 }))
    .filter(({ node, depth, size }) => node.bytes === undefined && depth > 0 && depth <= 3 && size > 0).sort((a, b) => b.size - a.size || a.i - b.i).slice(0, FOLDERS);
  const largestFiles = nodes.map((node, i) => ({ node, i })).filter(({ node }) => (node.bytes ?? 0) > 0)
    .sort((a, b) => (b.node.bytes ?? 0) - (a.node.bytes ?? 0) || a.i - b.i).slice(0, FILES);
  const size = (part: number, most: number): Html => html`${formatBytes(part)}${bar(part, most)}`;
  const mostFolder = largestFolders[0]?.size ?? 1;
  const mostFile = largestFiles[0]?.node.bytes ?? 1;
  return section('contents', 'What fills it', html`${formatBytes(bytes)} in ${formatCounted(files, 'file')}, ${formatCounted(folders, 'folder')}${others > 0 ? `, ${formatCounted(others, 'link or device', 'links and devices')}` : ''}`, [
    explorer(layers.length),
    ...(shown < files ? [html`<p class="note">The ${formatCount(shown)} largest files are named one by one; the other ${formatCount(files - shown)} are added up per folder.</p>
`] : []),
    html`<div class="columns"><div><h3>Largest folders</h3>${table('Largest folders', [{ title: 'Folder', kind: 'wide' }, { title: 'Size', kind: 'number' }, { title: 'Share', kind: 'number' }],
      largestFolders.map(({ i, size: part }) => [html`<code>${visiblePath(pathOf(nodes, i))}/</code>`, size(part, mostFolder), formatShare(part, bytes)]))}</div>
<div><h3>Largest files</h3>${table('Largest files', [{ title: 'File', kind: 'wide' }, { title: 'Layer', kind: 'number' }, { title: 'Size', kind: 'number' }],
      largestFiles.map(({ node, i }) => [html`<code>${visiblePath(pathOf(nodes, i))}</code>`, node.layer, size(node.bytes ?? 0, mostFile)]))}</div></div>
`,
  ]);
}

/** Shown by the script, which fills it. */
function explorer(layers: number): Html {
  const shades = layers > 1 ? html`<p class="legend"><span>base layer</span>${Array.from({ length: SHADES }, (_, i) => html`<span class="swatch shade${i}"></span>`)}<span>top layer</span></p>` : undefined;
  return html`<div id="explorer" class="explorer" hidden>
<div class="tools"><nav id="crumbs" class="crumbs" aria-label="Folder"></nav><label class="search"><span class="hidden">Find files by name</span><input id="search" type="search" placeholder="Find files by name" autocomplete="off" spellcheck="false"></label></div>
<div class="panes"><div class="map-pane"><div id="map" class="map" role="group" aria-describedby="map-help"></div><div class="under"><p id="map-help" class="help"><kbd>←</kbd> <kbd>↑</kbd> <kbd>↓</kbd> <kbd>→</kbd> move, <kbd>Enter</kbd> opens, <kbd>Backspace</kbd> goes up</p>${shades}</div></div>
<div class="list-pane"><div id="status" class="status" role="status" aria-live="polite"></div><div id="list" class="list" role="group" aria-label="In this folder"></div></div></div>
</div>
`;
}
