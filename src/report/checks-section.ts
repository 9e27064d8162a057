import type { Finding } from '../image/finding.js';
import { REPORT_LIMITS } from '../limits.js';
import type { ReportFacts } from '../operations/report/report-facts.js';
import { formatCounted } from './format-number.js';
import { html, type Html } from './html.js';
import { definitions, section, table } from './section.js';
import { verdictOf } from './verdict.js';

const WORDS = { ok: 'ok', note: 'note', failed: 'failed' } as const;

/** Who signed it, and everything that was checked. */
export function checksSection(facts: ReportFacts): Html {
  const { findings, signatures } = facts;
  const order = { failed: 0, note: 1, ok: 2 } as const;
  const sorted = findings.map((finding, i) => ({ finding, i })).sort((a, b) => order[a.finding.status] - order[b.finding.status] || a.i - b.i).map(({ finding }) => finding);
  const failed = findings.filter(({ status }) => status === 'failed').length;
  const aside = failed > 0 ? html`${formatCounted(failed, 'check')} failed` : html`${formatCounted(findings.length, 'check')}, none failed`;
  return section('checks', 'Signatures and checks', aside, [
    ...(signatures === undefined ? [html`<p class="note">${verdictOf(facts).signature.sentence}</p>
`] : signatures.map(({ format, keyId, identity, claimedAt }) => definitions([
      ['Signed by', html`<b>${identity ?? 'a trusted key'}</b>`],
      ['Key', html`<code>${keyId}</code>`],
      ['Kind', format],
      ['Time', claimedAt === undefined ? undefined : `${claimedAt.toISOString()} (the signer says)`],
    ]))),
    table('Checks, what failed first', [{ title: 'Result' }, { title: 'Check' }, { title: 'What', kind: 'wide' }], sorted.slice(0, REPORT_LIMITS.rows).map(row), findings.length),
  ]);
}

function row({ status, check, subject, message, expected, found }: Finding): readonly (Html | string)[] {
  const more = expected === undefined && found === undefined ? undefined : html`<span class="quiet">${expected === undefined ? '' : ` expected ${expected}`}${found === undefined ? '' : ` found ${found}`}</span>`;
  return [html`<span class="tag ${status}">${WORDS[status]}</span>`, html`<span class="check">${check.replaceAll('-', ' ')}</span>`, html`${message}${more}<code class="digest">${subject}</code>`];
}
