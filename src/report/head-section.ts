import { REPORT_LIMITS } from '../limits.js';
import type { ReportFacts } from '../operations/report/report-facts.js';
import { formatBytes, formatCount, formatShare } from './format-number.js';
import { html, type Html } from './html.js';
import { definitions } from './section.js';
import { verdictOf } from './verdict.js';

/** The name by which people know the image. */
export function titleOf({ names, location }: Pick<ReportFacts, 'names' | 'location'>): string {
  return (names[0] ?? location).replace(/^docker\.io\/(?:library\/)?(?=[a-z0-9])/, '');
}

/** Name, verdict, the six numbers that matter, and the digests. */
export function headSection(facts: ReportFacts): Html {
  const { names, location, format, digest, imageId, manifestOrigin, layers, contents, config } = facts;
  const { checks, signature } = verdictOf(facts);
  const stored = layers.reduce((sum, { size }) => sum + size, 0);
  const platform = [config.os, config.architecture, config.variant].filter((part) => part !== undefined && part !== '').join('/');
  const number = (label: string, value: string, more: string): Html => html`<div><dt>${label}</dt><dd><b>${value}</b><span>${more}</span></dd></div>
`;
  const waste = contents?.waste;
  return html`<header class="page-head"><p class="kind">Image report</p><h1>${titleOf(facts)}</h1>
<p class="verdicts"><a class="verdict ${checks.kind}" href="#checks">${checks.text}</a> <a class="verdict ${signature.kind}" href="#checks">${signature.text}</a></p>
<dl class="numbers">
${number('Stored', formatBytes(stored), `in ${formatCount(layers.length)} ${layers.length === 1 ? 'layer' : 'layers'}`)}${contents === undefined ? undefined : number('Unpacked', formatBytes(contents.tree.bytes), `in ${formatCount(contents.tree.files)} ${contents.tree.files === 1 ? 'file' : 'files'}`)}${waste === undefined ? undefined : number('Wasted', formatBytes(waste.bytes), `efficiency ${formatShare(waste.efficiency, 1)}`)}${number('Platform', platform === '' ? 'unknown' : platform, config.created === undefined ? 'no time is given' : `made ${config.created.slice(0, 10)}`)}</dl>
${definitions([
    ...names.slice(0, REPORT_LIMITS.rows).map((name, i) => [i === 0 ? 'Name' : '', html`<code>${name}</code>`] as const),
    ['From', html`<code>${location}</code> <span class="quiet">${format}</span>`],
    ['Digest', html`<code>${digest}</code>${manifestOrigin === 'synthesized' ? html` <span class="quiet">made up: the archive holds no manifest</span>` : undefined}`],
    ['Image ID', html`<code>${imageId}</code>`],
  ])}</header>
`;
}
