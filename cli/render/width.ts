/** Columns of a terminal; undefined for a file or pipe, where nothing is cut. */
export function widthOf(stream: { readonly isTTY?: boolean | undefined; readonly columns?: number | undefined }): number | undefined {
  return stream.isTTY === true ? Math.max(40, columnsIn(stream)) : undefined;
}

/** Columns of a terminal; a serial line does not know its own, and says 0. */
export function columnsIn({ columns }: { readonly columns?: number | undefined }): number {
  return columns || 80;
}

/** First and last of what takes two columns: the scripts of East Asia, their punctuation and forms, and emoji. */
const WIDE: readonly (readonly [first: number, last: number])[] = [
  [0x1100, 0x115f], [0x2e80, 0x303e], [0x3041, 0xa4cf], [0xa960, 0xa97c], [0xac00, 0xd7a3], [0xf900, 0xfaff], [0xfe30, 0xfe6b], [0xff01, 0xff60], [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f], [0x1f680, 0x1f6ff], [0x1f900, 0x1f9ff], [0x1fa70, 0x1faff], [0x20000, 0x3fffd],
];

/** Columns that `text` takes. `Intl.Segmenter` knows more of what is joined to one symbol, and costs a third of the start-up. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const symbol of text) columns += columnsOfSymbol(symbol);
  return columns;
}

function columnsOfSymbol(symbol: string): number {
  const code = symbol.codePointAt(0) as number;
  if (code < 0x300) return 1;
  // Marks above or below the symbol before, its variant, and what joins two.
  if (code < 0x370 || code === 0x200d || (code >= 0xfe00 && code <= 0xfe0f)) return 0;
  return code >= 0x1100 && WIDE.some(([first, last]) => first <= code && code <= last) ? 2 : 1;
}

/** `text` in at most `width` columns, the cut marked. */
export function cut(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  let [end, columns] = [0, 1];
  for (const symbol of text) {
    columns += columnsOfSymbol(symbol);
    if (columns > width) break;
    end += symbol.length;
  }
  return width < 1 ? '' : `${text.slice(0, end)}…`;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - columnsOf(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - columnsOf(text))) + text;
}

/** `text` in lines of at most `width` columns, broken at spaces, which do not stay at the end of a line; a longer word stays whole. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && columnsOf(line) + 1 + columnsOf(word) > width) {
      lines.push(line.trimEnd());
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** A sentence behind its label, which `shown` may colour: in lines on a terminal, the later ones indented, so that no word is cut; else in one. */
export function labelled(label: string, shown: string, text: string, width: number | undefined): string {
  if (width === undefined) return `${shown} ${text}`;
  return shown + wrap(`${label} ${text}`, width - 2).join('\n  ').slice(label.length);
}
