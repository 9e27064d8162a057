import { columnsIn, columnsOf } from '../width.js';
import { itemLine, totalLine } from './lines.js';
import type { Progress, ProgressStream } from './stream.js';
import { Tally } from './tally.js';

/** Milliseconds before the first frame, so that short work shows nothing, and between two. */
const FIRST_AFTER = 250;
const FRAME_EVERY = 100;
const LINES_MOST = 8;

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
/** Synchronized output: a terminal that knows it shows a frame at once, any other ignores it. */
const FRAME_BEGIN = '\u001b[?2026h';
const FRAME_END = '\u001b[?2026l';
const ERASE_LINE_END = '\u001b[K';
const ERASE_BELOW = '\u001b[0J';

/**
 * A line per item under way and one for all, drawn over the last ones: one write per frame, nothing erased before it is
 * overwritten, except when the width changed: terminals may still take lines that they wrapped for one. Nothing else may be
 * written to the terminal between the first event and `end`. `later` draws after what is waiting, a change of the width among
 * it, was heard of: a frame of the old width would be wrapped, and pieces of it would stay.
 */
export function terminalProgress(stream: ProgressStream, now: () => number, later: (draw: () => void) => void = setImmediate): Progress {
  const tally = new Tally(now);
  let drawn: readonly string[] = [];
  let drawnColumns: number | undefined;
  let waiting = false;
  let first: number | undefined;
  let last = -Infinity;
  let timer: NodeJS.Timeout | undefined;

  const draw = (): void => {
    last = now();
    const lines = frame(tally, stream);
    const hide = drawn.length === 0 ? HIDE_CURSOR : '';
    const clear = drawn.length > 0 && stream.columns !== drawnColumns ? ERASE_BELOW : '';
    stream.write(`${FRAME_BEGIN}${hide}${backToTop(drawn, stream)}${clear}${lines.map((line) => `${line}${ERASE_LINE_END}\n`).join('')}${ERASE_BELOW}${FRAME_END}`);
    drawn = lines;
    drawnColumns = stream.columns;
  };
  const drawWhenDue = (): void => {
    if (waiting || now() - (first as number) < FIRST_AFTER || now() - last < FRAME_EVERY) return;
    waiting = true;
    later(() => {
      waiting = false;
      if (timer !== undefined) draw();
    });
  };
  const erase = (): void => {
    if (drawn.length > 0) stream.write(`${backToTop(drawn, stream)}${ERASE_BELOW}${SHOW_CURSOR}`);
    drawn = [];
  };
  const redraw = (): void => {
    if (drawn.length > 0) draw();
  };
  return {
    listen: (event) => {
      tally.add(event);
      if (timer === undefined) {
        first ??= now();
        // A rate falls, and a time left grows, while nothing comes.
        timer = setInterval(drawWhenDue, FRAME_EVERY * 2).unref();
        stream.on?.('resize', redraw);
      }
      drawWhenDue();
    },
    end: () => {
      clearInterval(timer);
      timer = undefined;
      stream.off?.('resize', redraw);
      erase();
    },
    pause: erase,
  };
}

function frame(tally: Tally, stream: ProgressStream): readonly string[] {
  // One column stays free: a full line would wrap on some terminals.
  const width = Math.max(20, columnsIn(stream)) - 1;
  const most = Math.max(1, Math.min(LINES_MOST, (stream.rows || 24) - 3));
  const overall = tally.overall();
  const items = [...tally.active.values()];
  const hidden = items.length - most;
  return [
    ...items.slice(0, most).map((event) => itemLine(event, width)),
    ...(hidden > 0 ? [`... and ${hidden} more`] : []),
    totalLine(overall, width),
  ];
}

/** To the first column of the first of these lines. A terminal that became narrower has wrapped the longer ones. */
function backToTop(lines: readonly string[], stream: ProgressStream): string {
  const rows = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(columnsOf(line) / columnsIn(stream))), 0);
  return rows === 0 ? '' : `\r\u001b[${rows}A`;
}
