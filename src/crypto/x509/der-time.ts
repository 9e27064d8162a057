import { TAG, type DerNode } from './der-node.js';

/**
 * A time as RFC 5280 (4.1.2.5) allows it: `YYMMDDHHMMSSZ`, years 1950 to 2049, or `YYYYMMDDHHMMSSZ`. Seconds must be there,
 * fractions and zones must not. Throws the error of the node's context.
 */
export function derTimeOf(node: DerNode): Date {
  const text = Buffer.from(node.content).toString('latin1');
  const match = node.tag === TAG.utcTime ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)
    : node.tag === TAG.generalizedTime ? /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text) : null;
  if (match === null) throw node.fault('has a malformed time');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  const full = node.tag === TAG.utcTime ? year + (year < 50 ? 2000 : 1900) : year;
  const time = new Date(Date.UTC(2000, month - 1, day, hour, minute, second));
  time.setUTCFullYear(full, month - 1, day);
  // Date rolls over: the 31st of February becomes a day of March.
  const exact = time.getUTCMonth() === month - 1 && time.getUTCDate() === day && time.getUTCHours() === hour && time.getUTCMinutes() === minute && time.getUTCSeconds() === second;
  if (!exact) throw node.fault('has a time that does not exist');
  return time;
}
