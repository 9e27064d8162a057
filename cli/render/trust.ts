import type { ChangedTrust, TrustCheck, TrustEntry, TrustListing, UpdatedTrust } from '../../src/index.js';
import { escape } from './escape.js';
import { table } from './table.js';
import { count } from './units.js';

/** A trust: its version, and a line for each entry. */
export function renderTrust({ version, created, revocation, owned, entries }: TrustListing, width: number | undefined): readonly string[] {
  const head = version === undefined ? 'made by hand, without version' : `version ${version}${created === undefined ? '' : ` of ${day(created)}`}`;
  return [`${head}, CRLs ${revocation}, ${owned ? 'signed by its owners' : 'without owners'}`, ...renderEntries(entries, width)];
}

export function renderTrustChange({ folder, version, changed }: ChangedTrust, verb: string, width: number | undefined): readonly string[] {
  return changed.length === 0 ? [] : [`${verb} in ${escape(folder)}, now version ${version}:`, ...renderEntries(changed, width)];
}

export function renderTrustUpdate({ folder, from, to, signedBy, owners }: UpdatedTrust, width: number | undefined): readonly string[] {
  const was = from === undefined ? '' : ` (was ${from})`;
  return [`${escape(folder)} is version ${to} now${was}, signed by ${escape(signedBy.join(', '))}`, ...(owners.length === 0 ? [] : ['owners:', ...renderEntries(owners, width)])];
}

/** A line for each finding, and a summary. */
export function renderFindings({ ok, findings, entries }: TrustCheck): readonly string[] {
  const lines = findings.map(({ status, path, message }) => `${status === 'failed' ? 'FAILED' : 'note  '} ${path === '' ? '' : `${escape(path)}: `}${escape(message)}`);
  return [...lines, `${count(entries.length, 'entry', 'entries')}, ${ok ? 'can be used' : 'not all of it can be used'}`];
}

function renderEntries(entries: readonly TrustEntry[], width: number | undefined): readonly string[] {
  const rows = entries.map(({ path, name, fingerprint, expires }) => [escape(path), escape(name), fingerprint === undefined ? '' : short(fingerprint), expires === undefined ? '' : day(expires)]);
  return table([{ title: 'FILE' }, { title: 'WHO' }, { title: 'FINGERPRINT' }, { title: 'UNTIL' }], rows, width);
}

/** Certificates' fingerprints are long: all of it is in `--json`. */
function short(fingerprint: string): string {
  return /^sha256:[0-9a-f]{64}$/.test(fingerprint) ? `${fingerprint.slice(0, 23)}...` : fingerprint;
}

function day(time: Date): string {
  return time.toISOString().slice(0, 10);
}
