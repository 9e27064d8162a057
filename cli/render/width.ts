/** Columns of a terminal; undefined for a file or pipe, where nothing is cut. */
export function widthOf(stream: { readonly isTTY?: boolean | undefined; readonly columns?: number | undefined }): number | undefined {
  return stream.isTTY === true ? Math.max(40, columnsIn(stream)) : undefined;
}

/** Columns of a terminal; a serial line does not know its own, and says 0. */
export function columnsIn({ columns }: { readonly columns?: number | undefined }): number {
  return columns || 80;
}

/** Columns that `text` takes: one for each code point. `Intl.Segmenter` knows more and costs a third of the start-up. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const _ of text) columns++;
  return columns;
}

/** `text` in at most `width` columns, the cut marked. */
export function cut(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  return width < 1 ? '' : `${[...text].slice(0, width - 1).join('')}…`;
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
