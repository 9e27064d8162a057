import { ImgkitError } from '../errors.js';
import type { Limits } from '../limits.js';
import { malformed, overLimit, type TarPlace } from './fault.js';
import { decodeText, encodeText, printable } from './text.js';

/** One record of a pax extended header. `value` is a view of the parsed bytes. */
export interface PaxRecord {
  readonly key: string;
  readonly value: Buffer;
}

/**
 * Parses the records `LENGTH KEY=VALUE\n` of a pax header body (POSIX.1-2001, pax, "pax Extended Header").
 * Lengths are decimal without sign or leading zero, count the whole record and must fit exactly; keys are
 * neither empty nor hold NUL. Throws `tar-malformed`, and `limit-exceeded` past `limits.paxRecords`.
 */
export function parsePaxRecords(body: Buffer, limits: Pick<Limits, 'paxRecords'>, place: TarPlace): PaxRecord[] {
  const records: PaxRecord[] = [];
  let at = 0;
  while (at < body.length) {
    const space = lengthEnd(body, at);
    const end = at + decimal(body, at, space);
    const equals = body.indexOf(0x3d, space + 1);
    if (space === at || !(end <= body.length) || body[end - 1] !== 0x0a || equals <= space + 1 || equals >= end - 1) {
      throw malformed(place, `record ${records.length + 1} of the pax header is malformed`);
    }
    const key = decodeText(body, space + 1, equals);
    if (key.includes('\0')) throw malformed(place, `the key of record ${records.length + 1} of the pax header holds NUL`);
    if (records.length === limits.paxRecords) throw overLimit(place, `the pax header has more than ${limits.paxRecords} records`, 'paxRecords');
    records.push({ key, value: body.subarray(equals + 1, end - 1) });
    at = end;
  }
  return records;
}

/** Index of the space after the length, or `at` when there is no proper length. */
function lengthEnd(body: Buffer, at: number): number {
  let i = at;
  // Eight digits are far above the largest header that is read.
  while (i < at + 8 && (body[i] as number) >= 0x30 && (body[i] as number) <= 0x39) i++;
  return body[i] === 0x20 && body[at] !== 0x30 ? i : at;
}

function decimal(body: Buffer, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) value = value * 10 + (body[i] as number) - 0x30;
  return value;
}

/** Formats records in the given order; the inverse of {@link parsePaxRecords}. Throws `usage` on a key that is empty or holds `=` or NUL. */
export function formatPaxRecords(records: Iterable<readonly [key: string, value: string | Uint8Array]>): Buffer {
  const parts: Buffer[] = [];
  for (const [key, value] of records) {
    if (!/^[^=\0]+$/.test(key)) throw new ImgkitError('usage', `The pax key "${printable(key)}" is empty or holds "=" or NUL; rename it.`);
    const text = encodeText(key);
    const bytes = typeof value === 'string' ? encodeText(value) : value;
    const rest = text.length + bytes.length + 3;
    let length = rest + String(rest).length;
    // The length counts its own digits, so it may need one more.
    if (String(length).length > String(rest).length) length = rest + String(length).length;
    parts.push(Buffer.from(`${length} `), text, Buffer.from('='), Buffer.from(bytes), Buffer.from('\n'));
  }
  return Buffer.concat(parts);
}
