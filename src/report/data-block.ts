import { REPORT_LIMITS } from '../limits.js';
import type { ReportFacts } from '../operations/report/report-facts.js';
import { plainCommand } from './layer-steps.js';
import { visibleName, visibleText } from './visible-text.js';

/** Nodes per piece of text. */
const PIECE = 2_000;

/**
 * The files of the image as one JSON document in columns, for the script: names, parents, sizes (-1: a folder), layers, and of folders
 * what has no node of its own. Harmless inside a script element: nothing in it can end that or begin another.
 */
export function* dataBlock({ contents, layers }: ReportFacts): Generator<string> {
  const nodes = contents?.tree.nodes ?? [];
  yield '<script type="application/json" id="data">{';
  yield* column('names', nodes.map(({ name }) => visibleName(name)));
  yield* column('parents', nodes.map(({ parent }) => parent));
  yield* column('sizes', nodes.map(({ bytes }) => bytes ?? -1));
  yield* column('layers', nodes.map(({ layer }) => layer));
  // Most folders have none: pairs of place and value are shorter.
  yield* column('rest', nodes.flatMap(({ rest }, i) => (rest.files === 0 ? [] : [i, rest.files, rest.bytes])));
  yield `"steps":${harmless(layers.slice(0, REPORT_LIMITS.rows).map(({ step }) => visibleText(plainCommand(step?.createdBy ?? step?.comment ?? ''), 200)))},`;
  yield `"layerCount":${layers.length}}</script>\n`;
}

function* column(name: string, values: readonly (string | number)[]): Generator<string> {
  yield `"${name}":[`;
  for (let at = 0; at < values.length; at += PIECE) yield `${at === 0 ? '' : ','}${harmless(values.slice(at, at + PIECE)).slice(1, -1)}`;
  yield '],\n';
}

/** JSON in which no character means anything to HTML, or ends a line of a script. */
export function harmless(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
