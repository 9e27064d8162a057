const UNITS = ['kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Decimal units as docker prints them: `1.2 MB`, with a space that does not break. */
export function formatBytes(count: number): string {
  const sign = count < 0 ? '−' : '';
  let value = Math.abs(count);
  if (value < 1000) return `${sign}${Math.round(value)}\u00a0B`;
  let unit = -1;
  while (value >= 999.95 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${sign}${value.toFixed(1)}\u00a0${UNITS[Math.max(unit, 0)] as string}`;
}

/** A count with its thousands apart: `12,345`. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `34.2 %`; what is less than all never reads as all, what is more than nothing never as nothing. */
export function formatShare(part: number, whole: number): string {
  if (whole <= 0 || part <= 0) return '0\u00a0%';
  if (part >= whole) return '100\u00a0%';
  const percent = (100 * part) / whole;
  if (percent < 0.1) return '<\u00a00.1\u00a0%';
  return `${Math.min(percent, 99.9).toFixed(1)}\u00a0%`;
}

/** `1 file`, `2 files`, `12,345 files`. */
export function formatCounted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)}\u00a0${count === 1 ? one : many}`;
}
