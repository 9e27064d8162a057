import type { RemoteEntry } from '../transport.js';

/** The facts of one line of MLSD or MLST (RFC 3659 section 7.2), as far as they concern us. */
export interface MlsxLine extends RemoteEntry {
  /** The listed folder itself or the one above it. */
  readonly self: boolean;
}

/** `type=file;size=12;modify=20240102030405; name`; undefined when the line is something else. */
export function parseMlsxLine(line: string): MlsxLine | undefined {
  const space = line.indexOf(' ');
  if (space === -1) return undefined;
  const facts = new Map<string, string>();
  for (const fact of line.slice(0, space).split(';')) {
    const equals = fact.indexOf('=');
    if (equals > 0) facts.set(fact.slice(0, equals).toLowerCase(), fact.slice(equals + 1));
  }
  const type = facts.get('type')?.toLowerCase();
  const kind = type === 'file' ? 'file' : type === 'dir' || type === 'cdir' || type === 'pdir' ? 'folder' : 'other';
  const size = kind === 'file' ? parseRemoteSize(facts.get('size')) : undefined;
  const modified = parseRemoteTime(facts.get('modify'));
  return {
    name: line.slice(space + 1),
    kind,
    ...(size !== undefined && { size }),
    ...(modified !== undefined && { modified }),
    self: type === 'cdir' || type === 'pdir',
  };
}

/** Decimal digits that JavaScript can count; anything else is no size. */
export function parseRemoteSize(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return undefined;
  const size = Number(text);
  return Number.isSafeInteger(size) ? size : undefined;
}

/** `YYYYMMDDHHMMSS[.sss]` in UTC (RFC 3659 section 2.3); undefined when it is no time. */
export function parseRemoteTime(text: string | undefined): Date | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,3})\d*)?$/.exec(text ?? '');
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '0'] = parts;
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0')}Z`);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
