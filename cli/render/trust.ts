import type { ChangedTrust, TrustCheck, TrustEntry, TrustListing, UpdatedTrust } from '../../src/index.js';
import { escape } from './escape.js';
import { table } from './table.js';
import { count } from './units.js';

/** A trust: its version, and each entry. */
export function renderTrust({ version, created, revocation, owned, entries }: TrustListing): readonly string[] {
  const head = version === undefined ? 'made by hand, without version' : `version ${version}${created === undefined ? '' : ` of ${day(created)}`}`;
  return [`${head}, CRLs ${revocation}, ${owned ? 'with owners' : 'without owners'}`, ...renderEntries(entries)];
}

export function renderTrustChange({ folder, version, changed, revocation }: ChangedTrust, verb: string): readonly string[] {
  const rule = revocation === undefined ? [] : [`${escape(folder)} is version ${version} now: CRLs ${revocation}`];
  return changed.length === 0 ? rule : [...rule, `${verb} in ${escape(folder)}, now version ${version}:`, ...renderEntries(changed)];
}

export function renderTrustUpdate({ folder, from, to, signedBy, owners }: UpdatedTrust): readonly string[] {
  const was = from === undefined ? '' : ` (was ${from})`;
  return [`${escape(folder)} is version ${to} now${was}, signed by ${escape(signedBy.join(', '))}`, ...(owners.length === 0 ? [] : ['owners:', ...renderEntries(owners)])];
}

/** A line for each finding, and a summary. */
export function renderFindings({ ok, findings, entries }: TrustCheck): readonly string[] {
  const lines = findings.map(({ status, path, message }) => `${status === 'failed' ? 'FAILED' : 'note  '} ${path === '' ? '' : `${escape(path)}: `}${escape(message)}`);
  return [...lines, `${count(entries.length, 'entry', 'entries')}, ${ok ? 'can be used' : 'not all of it can be used'}`];
}

/** A row for each; below it the whole fingerprint, which people compare and "trust remove" takes. */
function renderEntries(entries: readonly TrustEntry[]): readonly string[] {
  const rows = entries.map(({ path, name, expires }) => [escape(path), escape(name), expires === undefined ? '' : day(expires)]);
  const [titles = '', ...lines] = table([{ title: 'FILE' }, { title: 'WHO' }, { title: 'UNTIL' }], rows, undefined);
  return [titles, ...lines.flatMap((line, i) => (entries[i]?.fingerprint === undefined ? [line] : [line, `  ${escape(entries[i].fingerprint)}`]))];
}

function day(time: Date): string {
  return time.toISOString().slice(0, 10);
}
