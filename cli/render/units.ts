const UNITS = ['kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Decimal units as docker prints them, one digit after the point: `1.2 MB`. */
export function bytes(count: number): string {
  if (count < 1000) return `${Math.round(count)} B`;
  let value = count / 1000;
  let unit = 0;
  while (value >= 999.95 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toFixed(1)} ${UNITS[unit] as string}`;
}

/** `42 s`, `3 min 5 s`, `2 h 10 min`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** The day of an RFC 3339 time; `-` for anything else. */
export function day(time: string | undefined): string {
  return time !== undefined && /^\d{4}-\d\d-\d\d/.test(time) ? time.slice(0, 10) : '-';
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
