/** C0, DEL, C1, line separators, directional controls and lone surrogates: what could move a cursor or reorder a line. */
// oxlint-disable-next-line no-control-regex
const DANGEROUS = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Nearly all names, told at a fraction of the price. */
const PLAIN = /^[ -~]*$/;

/** The same of many lines at once. */
const PLAIN_LINES = /^[\n -~]*$/;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** `text` on one line with every control character spelled out: names and texts of an image come from strangers. */
export function escape(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(DANGEROUS, (character) => {
    // How names hold bytes that are not UTF-8: U+DC80 to U+DCFF.
    const code = character.charCodeAt(0) - (/[\udc80-\udcff]/.test(character) ? 0xdc00 : 0);
    return SHORT[character] ?? (code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`);
  });
}

/** `lines`, each escaped and with its end. Looked at all at once: names are put together from parts, and one by one each would be copied first. */
export function escapeLines(lines: readonly string[]): string {
  let text = '';
  // `join` would put each of them together first.
  for (const line of lines) text += `${line}\n`;
  // A line end in a name is one too many.
  return PLAIN_LINES.test(text) && lineEnds(text) === lines.length ? text : `${lines.map(escape).join('\n')}\n`;
}

function lineEnds(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/** JSON text with the same characters as JSON escapes: the meaning stays, a terminal is safe. */
export function escapeJson(json: string): string {
  return json.replace(DANGEROUS, (character) => (character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`));
}
