import { createHash } from 'node:crypto';
import type { ReportFacts } from '../operations/report/report-facts.js';
import { changesSection } from './changes-section.js';
import { checksSection } from './checks-section.js';
import { configSection } from './config-section.js';
import { contentsSection } from './contents-section.js';
import { dataBlock } from './data-block.js';
import { headSection, titleOf } from './head-section.js';
import { html, type Html } from './html.js';
import { layersSection } from './layers-section.js';
import { PAGE_STYLE } from './page-style.js';
import { PAGE_SCRIPT } from './script/page-script.js';
import { wasteSection } from './waste-section.js';

/**
 * The report as one HTML page, piece by piece; the same facts give the same bytes. It loads nothing, and its policy allows nothing but
 * its own style and script, by their hashes: should anything from the image ever get past the escaping, no browser would run it.
 */
export function* renderPage(facts: ReportFacts): Generator<string> {
  const policy = `default-src 'none'; style-src '${hash(PAGE_STYLE)}'; script-src '${hash(PAGE_SCRIPT)}'; img-src data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'`;
  yield html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="imgkit">
<link rel="icon" href="data:,">
<title>${titleOf(facts)}: image report</title>
`.text;
  yield `<style>${PAGE_STYLE}</style></head>\n<body>\n`;
  yield html`<a class="skip" href="#main">Skip to the report</a>
${contentsList(facts)}<main id="main">
${headSection(facts)}`.text;
  for (const part of [layersSection, contentsSection, wasteSection, changesSection, configSection, checksSection]) {
    const section = part(facts);
    if (section !== undefined) yield section.text;
  }
  yield '</main>\n<footer><p>Made with imgkit. This page is complete: it loads nothing from anywhere.</p></footer>\n';
  yield* dataBlock(facts);
  yield `<script>${PAGE_SCRIPT}</script>\n</body></html>\n`;
}

function contentsList({ contents, comparison }: ReportFacts): Html {
  const links: readonly (readonly [id: string, title: string] | undefined)[] = [
    ['layers', 'Layers'], ['contents', 'Contents'], contents && ['waste', 'Waste'], comparison && ['changes', 'Changes'], ['config', 'Configuration'], ['checks', 'Checks'],
  ];
  return html`<nav class="bar-nav" aria-label="Sections"><ul>${links.map((link) => link && html`<li><a href="#${link[0]}">${link[1]}</a></li>`)}</ul></nav>
`;
}

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
