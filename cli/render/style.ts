/** The few colours there are; each returns its text unchanged when colours are off. */
export interface Style {
  readonly bad: (text: string) => string;
  readonly note: (text: string) => string;
  readonly dim: (text: string) => string;
}

const plain = (text: string): string => text;
const paint = (code: number) => (text: string): string => `\u001b[${code}m${text}\u001b[0m`;

export const noStyle: Style = { bad: plain, note: plain, dim: plain };
const colours: Style = { bad: paint(31), note: paint(33), dim: paint(2) };

/** Colours for a terminal, unless NO_COLOR (no-color.org) or TERM=dumb says no. */
export function styleFor(stream: { readonly isTTY?: boolean | undefined }, env: Readonly<Record<string, string | undefined>>): Style {
  const wanted = stream.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
  return wanted ? colours : noStyle;
}
