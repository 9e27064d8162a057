import { ImgkitError } from '../errors.js';
import type { TarTime } from '../tar/tar-entry.js';

const RFC3339 = /^(\d{4}-\d\d-\d\d)t(\d\d:\d\d:\d\d)(\.\d{1,9})?(z|[+-]\d\d:\d\d)$/i;

/** A time as RFC 3339 in the one spelling that engines read, from that form or from seconds since 1970. Throws `usage`, naming `option`. */
export function parseCreated(text: string, option: string): string {
  if (/^\d{1,11}$/.test(text)) return formatSeconds(Number(text));
  const [, day = '', time = '', fraction = '', zone = ''] = RFC3339.exec(text) ?? [];
  if (isMoment(`${day}T${time}`, zone)) return `${day}T${time}${fraction}${zone.toUpperCase()}`;
  throw new ImgkitError('usage', `${option}: ${JSON.stringify(text)} is not a time; write 2026-01-31T12:00:00Z, or seconds since 1970.`, { found: text });
}

/** False for a day or an hour that is none (February 30th, 24:00): JavaScript goes on to the next, Go refuses the whole image. */
function isMoment(local: string, zone: string): boolean {
  const utc = new Date(`${local}Z`);
  return !Number.isNaN(utc.getTime()) && utc.toISOString().startsWith(local) && !Number.isNaN(Date.parse(`${local}${zone}`));
}

/** Seconds since 1970 as RFC 3339. */
export function formatSeconds(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

/** A time of a file as RFC 3339, whole seconds; undefined where that has no year for it. */
export function formatTarTime({ seconds }: TarTime): string | undefined {
  return hasYear(seconds) ? formatSeconds(seconds) : undefined;
}

/** Whether RFC 3339, whose years have four digits, can say these seconds since 1970. */
export function hasYear(seconds: number): boolean {
  return seconds >= -62_167_219_200 && seconds < 253_402_300_800;
}

/** `SOURCE_DATE_EPOCH` (reproducible-builds.org): seconds since 1970, undefined when it is not set. Throws `usage`. */
export function sourceDateEpoch(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,11}$/.test(text)) return Number(text);
  throw new ImgkitError('usage', `SOURCE_DATE_EPOCH is ${JSON.stringify(text)}; it must be whole seconds since 1970.`, { found: text });
}
