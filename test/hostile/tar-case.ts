import type { ErrorCode } from '../../src/errors.js';
import type { TarMode } from '../../src/tar/tar-entry.js';

/** One hostile or odd tar and what must become of it. */
export interface TarCase {
  readonly name: string;
  readonly why: string;
  readonly mode: TarMode;
  readonly bytes: Uint8Array;
  readonly verdict: 'rejected' | 'accepted';
  /** Of the error, when rejected. */
  readonly code?: ErrorCode;
}

type Row = readonly [name: string, why: string, bytes: Uint8Array, code?: ErrorCode];

/** Cases that are rejected, with `tar-malformed` unless said otherwise. */
export function rejected(mode: TarMode, rows: readonly Row[]): TarCase[] {
  return rows.map(([name, why, bytes, code = 'tar-malformed']) => ({ name, why, mode, bytes, verdict: 'rejected', code }));
}

export function accepted(mode: TarMode, rows: readonly (readonly [name: string, why: string, bytes: Uint8Array])[]): TarCase[] {
  return rows.map(([name, why, bytes]) => ({ name, why, mode, bytes, verdict: 'accepted' }));
}

/** The same rows as archive and as layer. */
export function rejectedInBoth(rows: readonly Row[]): TarCase[] {
  return [...rejected('archive', rows), ...rejected('layer', rows).map((row) => ({ ...row, name: `${row.name}, layer` }))];
}
