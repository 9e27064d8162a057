import { columnsOf, padEnd, padStart } from './width.js';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right' | undefined;
}

/** A row of cells, or a row whose last cell runs to the end of the line. */
export type Row = readonly string[];

const GAP = '  ';

/**
 * A table whose first column gives way: a first cell that does not fit into
 * `width` gets a line of its own, so nothing is cut. A row may have fewer cells
 * than there are columns: its last one then runs on.
 */
export function table(columns: readonly Column[], rows: readonly Row[], width: number | undefined): readonly string[] {
  const widths = columns.map((column, i) =>
    Math.max(columnsOf(column.title), ...rows.map((row) => (i < row.length - 1 || row.length === columns.length ? columnsOf(row[i] ?? '') : 0))),
  );
  if (width !== undefined) {
    const others = widths.slice(1).reduce((sum, each) => sum + each + GAP.length, 0);
    widths[0] = Math.min(widths[0] as number, Math.max(columnsOf((columns[0] as Column).title), width - others));
  }
  const line = (row: Row): string =>
    row
      .map((cell, i) => (i === row.length - 1 && row.length < columns.length ? cell : (columns[i]?.align === 'right' ? padStart : padEnd)(cell, widths[i] as number)))
      .join(GAP)
      .trimEnd();
  return [
    line(columns.map((column) => column.title)),
    ...rows.flatMap((row) => (columnsOf(row[0] as string) > (widths[0] as number) ? [row[0] as string, line(['', ...row.slice(1)])] : [line(row)])),
  ];
}
