/** C0, DEL, C1, line separators, directional controls and lone surrogates: what could move a cursor or reorder a line. */
// oxlint-disable-next-line no-control-regex
const DANGEROUS = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Nearly all names, told at a fraction of the price. */
const PLAIN = /^[ -~]*$/;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** `text` on one line with every control character spelled out: names and texts of an image come from strangers. */
export function escape(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(DANGEROUS, (character) => {
    const code = character.charCodeAt(0);
    return SHORT[character] ?? (code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`);
  });
}

/** JSON text with the same characters as JSON escapes: the meaning stays, a terminal is safe. */
export function escapeJson(json: string): string {
  return json.replace(DANGEROUS, (character) => (character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`));
}
