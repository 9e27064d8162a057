import { decodeBase64, encodeBase64 } from './base64.js';

/** One recipient's part of an age header (C2SP age.md, "Recipient stanza"). */
export interface Stanza {
  readonly type: string;
  readonly args: readonly string[];
  readonly body: Uint8Array;
}

const COLUMNS = 64;

/** The lines of a stanza, each with its line end. */
export function encodeStanza({ type, args, body }: Stanza): string {
  const text = encodeBase64(body);
  const lines: string[] = [];
  // The last line is always short: an empty one follows a body that fills its lines.
  for (let at = 0; at <= text.length; at += COLUMNS) lines.push(text.slice(at, at + COLUMNS));
  return `-> ${[type, ...args].join(' ')}\n${lines.join('\n')}\n`;
}

/** Type and arguments of a stanza's first line, without its line end; undefined when it breaks the grammar. */
export function decodeStanzaStart(line: string): Pick<Stanza, 'type' | 'args'> | undefined {
  const match = /^->((?: [\x21-\x7e]+)+)$/.exec(line);
  const [type, ...args] = (match?.[1] ?? '').slice(1).split(' ');
  return type === undefined || type === '' ? undefined : { type, args };
}

/** The bytes of one body line, and whether it is the last; undefined when it breaks the grammar. */
export function decodeStanzaLine(line: string): { readonly bytes: Uint8Array; readonly last: boolean } | undefined {
  const bytes = line.length > COLUMNS ? undefined : decodeBase64(line);
  return bytes && { bytes, last: line.length < COLUMNS };
}
