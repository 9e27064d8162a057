import { ImgkitError } from '../errors.js';
import type { TarTime } from '../tar/tar-entry.js';

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** A time as RFC 3339, from that form or from seconds since 1970. Throws `usage`, naming `option`. */
export function parseCreated(text: string, option: string): string {
  if (/^\d{1,11}$/.test(text)) return formatSeconds(Number(text));
  if (RFC3339.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new ImgkitError('usage', `${option}: ${JSON.stringify(text)} is not a time; write 2026-01-31T12:00:00Z, or seconds since 1970.`, { found: text });
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
