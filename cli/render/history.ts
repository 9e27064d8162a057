import type { HistoryLine, HistoryResult } from '../../src/index.js';
import { escape } from './escape.js';
import { short } from './names.js';
import { table } from './table.js';
import { bytes, day } from './units.js';
import { columnsOf, cut, padEnd } from './width.js';

const COMMENT_MOST = 16;
/** What docker cuts a command to when there is no terminal to go by. */
const PIPE_WIDTH = 100;

/** A table like that of `docker history`, newest first. */
export function renderHistory(result: HistoryResult, options: { readonly width: number | undefined; readonly full: boolean }): readonly string[] {
  const comments = result.lines.map((line) => escape(line.comment ?? ''));
  const commentWidth = options.full ? Infinity : Math.min(COMMENT_MOST, Math.max('COMMENT'.length, ...comments.map(columnsOf)));
  const sizes = result.lines.map((line) => bytes(line.size));
  const sizeWidth = Math.max('SIZE'.length, ...sizes.map(columnsOf));
  const idWidth = Math.max('IMAGE'.length, ...result.lines.map((line) => columnsOf(idOf(line, options.full))));
  const madeWidth = options.full ? Infinity : Math.max('CREATED BY'.length, (options.width ?? PIPE_WIDTH) - idWidth - 10 - sizeWidth - commentWidth - 8);
  return table(
    [{ title: 'IMAGE' }, { title: 'CREATED' }, { title: 'CREATED BY' }, { title: 'SIZE', align: 'right' }, { title: 'COMMENT' }],
    result.lines.map((line, i) => [
      padEnd(idOf(line, options.full), idWidth),
      day(line.created),
      cut(escape(line.createdBy), madeWidth),
      sizes[i] as string,
      cut(comments[i] as string, commentWidth),
    ]),
    undefined,
  );
}

/** The IDs alone, one a line. */
export function renderHistoryIds(result: HistoryResult, options: { readonly full: boolean }): readonly string[] {
  return result.lines.map((line) => idOf(line, options.full));
}

function idOf(line: HistoryLine, full: boolean): string {
  return full || line.id.startsWith('<') ? escape(line.id) : short(line.id);
}
