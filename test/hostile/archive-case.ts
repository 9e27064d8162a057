import type { ErrorCode } from '../../src/errors.js';
import type { Check } from '../../src/image/finding.js';
import type { Limits } from '../../src/limits.js';

/** One hostile or odd image archive and what must become of it. */
export interface ArchiveCase {
  readonly name: string;
  readonly why: string;
  /** Made when needed: some are large. */
  readonly bytes: () => Uint8Array;
  /** `noted`: verified and loaded, and the user is told. */
  readonly verdict: 'rejected' | 'accepted' | 'noted';
  /** Of the error that load throws, when rejected. */
  readonly code?: ErrorCode;
  /** The check that fails, or that the note is about. */
  readonly check?: Check;
  readonly limits?: Partial<Limits>;
}

type Row = readonly [name: string, why: string, bytes: () => Uint8Array, check?: Check, limits?: Partial<Limits>];

/** Cases that are rejected with `code`, by `archive-structure` unless the row names another check. */
export function rejected(code: ErrorCode, rows: readonly Row[]): readonly ArchiveCase[] {
  return rows.map(([name, why, bytes, check = 'archive-structure', limits]) => ({ name, why, bytes, verdict: 'rejected', code, check, ...(limits && { limits }) }));
}

export function accepted(rows: readonly Row[]): readonly ArchiveCase[] {
  return rows.map(([name, why, bytes]) => ({ name, why, bytes, verdict: 'accepted' }));
}

export function noted(check: Check, rows: readonly Row[]): readonly ArchiveCase[] {
  return rows.map(([name, why, bytes]) => ({ name, why, bytes, verdict: 'noted', check }));
}
