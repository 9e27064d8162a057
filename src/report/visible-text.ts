import { REPORT_LIMITS } from '../limits.js';

/** Controls, line separators, invisible and directional characters, lone surrogates: what could hide or reorder text on a page. */
// oxlint-disable-next-line no-control-regex
const DECEPTIVE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** `text` with everything spelled out that an eye would miss or be deceived by, and cut where it is too long to be read. Tab and line feed stay. */
export function visibleText(text: string, most: number = REPORT_LIMITS.textCharacters): string {
  const long = text.length > most;
  // Not between the halves of a character.
  const end = long && /[\ud800-\udbff]/.test(text[most - 1] as string) ? most - 1 : most;
  const visible = (long ? text.slice(0, end) : text).replace(DECEPTIVE, spellOut);
  return long ? `${visible} … (${text.length - end} more characters)` : visible;
}

/** As {@link visibleText}, on one line: for names of files. */
export function visibleName(name: string): string {
  return visiblePath(name, 255);
}

/** As {@link visibleText}, on one line, so that no path looks like two. */
export function visiblePath(path: string, most?: number): string {
  return visibleText(path, most).replace(/[\t\n]/g, (character) => (character === '\n' ? '\\n' : '\\t'));
}

function spellOut(character: string): string {
  const code = character.charCodeAt(0);
  // How names hold bytes that are not UTF-8: U+DC80 to U+DCFF.
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
