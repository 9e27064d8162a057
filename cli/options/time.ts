import { ImgkitError } from '../../src/index.js';

/** ISO 8601: a day, in UTC, or a time with its zone. */
const FORM = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** The time in option `--NAME`; undefined when it is not given. Throws `usage`. */
export function parseTime(text: string | undefined, name: string): Date | undefined {
  if (text === undefined) return undefined;
  const time = new Date(text);
  // What no calendar has, such as February 30, rolls over in some engines.
  const day = Number(text.slice(8, 10));
  const days = new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate();
  if (FORM.test(text) && !Number.isNaN(time.getTime()) && day <= days) return time;
  throw new ImgkitError('usage', `--${name}: "${text}" is no time; write it like 2026-03-31 or 2026-03-31T12:00:00Z.`);
}
