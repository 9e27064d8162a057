const FORM = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?(Z?)$/;

/**
 * The time that `valid-after` and `valid-before` name (ssh-keygen(1), ALLOWED SIGNERS): `YYYYMMDD[Z]` or
 * `YYYYMMDDHHMM[SS][Z]`, in UTC with `Z` and else in the time zone of this machine. Undefined for anything else, also for
 * days that no calendar has.
 */
export function parseSshTime(text: string): Date | undefined {
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const utc = match[7] === 'Z';
  if (year < 1970 || month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return undefined;
  // Day 0 of the next month is the last of this.
  if (day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return undefined;
  return utc ? new Date(Date.UTC(year, month - 1, day, hour, minute, second)) : new Date(year, month - 1, day, hour, minute, second);
}
