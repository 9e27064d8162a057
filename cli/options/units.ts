import { ImgkitError } from '../../src/index.js';

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };
const FACTORS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** `500ms`, `30s`, `5m`, `2h`, `1d` as milliseconds; a plain number is seconds. Throws `usage`, naming `option`. */
export function parseDuration(text: string, option: string): number {
  const [, digits = '', unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|min|h|d)?$/.exec(text) ?? [];
  const value = Math.round(Number(digits) * (MILLISECONDS[unit] as number));
  // A timer of Node holds 31 bits; more would fire at once.
  if (digits !== '' && value > 0 && value < 2 ** 31) return value;
  throw new ImgkitError('usage', `${option}: "${text}" is not a time such as 500ms, 30s, 5m or 2h.`);
}

/** `200k`, `2M`, `1G` as a number, as wget and curl count (k = 1024). Throws `usage`, naming `option`. */
export function parseRate(text: string, option: string): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)([kmg]?)$/i.exec(text) ?? [];
  const value = Math.floor(Number(digits) * (FACTORS[unit.toLowerCase()] as number));
  if (digits !== '' && value >= 1 && Number.isSafeInteger(value)) return value;
  throw new ImgkitError('usage', `${option}: "${text}" is not a number of bytes a second such as 200k or 2M.`);
}

/** A whole number from 1 to 64. Throws `usage`, naming `option`. */
export function parseCount(text: string, option: string): number {
  const value = Number(text);
  if (/^\d{1,2}$/.test(text) && value >= 1 && value <= 64) return value;
  throw new ImgkitError('usage', `${option}: "${text}" is not a number from 1 to 64.`);
}
