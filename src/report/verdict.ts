import type { ReportFacts } from '../operations/report/report-facts.js';

/** What of a report is said in one word at its top. */
export interface Verdict {
  readonly checks: { readonly kind: 'ok' | 'failed'; readonly text: string };
  readonly signature: { readonly kind: 'ok' | 'note'; readonly text: string; readonly sentence: string };
}

/** Whether the image is whole, and whether somebody trusted signed it: two answers, never mixed. */
export function verdictOf({ findings, signatures }: Pick<ReportFacts, 'findings' | 'signatures'>): Verdict {
  const failed = findings.some(({ status }) => status === 'failed');
  const who = signatures?.map(({ identity, keyId }) => identity ?? keyId) ?? [];
  return {
    checks: failed ? { kind: 'failed', text: 'Broken' } : { kind: 'ok', text: 'Verified' },
    signature: who.length > 0
      ? { kind: 'ok', text: `Signed by ${who.join(', ')}`, sentence: 'Somebody trusted signed it.' }
      : { kind: 'note', text: 'Signatures not checked', sentence: 'No signature was checked, because nobody to trust was named. The checks below say that the image is whole, not who made it.' },
  };
}
