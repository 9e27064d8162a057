import type { VerifiedSignature } from '../../crypto/sign/signature.js';
import { ImgkitError } from '../../errors.js';
import { decide } from '../../policy/decide.js';
import type { Policy } from '../../policy/policy.js';

/**
 * Throws `policy-refused` for a file that no rule of the policy would let in, whatever images are in it: that is known before it is fetched.
 * Which rule counts is decided when the images are loaded, and their names known.
 */
export function requireSomeRule(policy: Policy, signatures: readonly VerifiedSignature[], at: Date, file: string): void {
  const decisions = [...policy.rules.map(({ requirement }) => requirement), policy.fallback].map((fallback) =>
    decide({ ...policy, rules: [], fallback }, { at, archive: signatures, images: [{ names: [], digest: '', signatures: [] }] }));
  if (decisions.some(({ allowed }) => allowed)) return;
  const found = decisions[0]?.images[0]?.found ?? '';
  const needed = [...new Set(decisions.map(({ images }) => images[0]?.needed ?? ''))].filter((each) => !each.includes('rejected')).slice(0, 3).join('; or ');
  throw new ImgkitError('policy-refused', `${file}: no rule of ${policy.source} lets in what is signed so: found ${found}, needed ${needed === '' ? 'nothing that could be given: every repository is rejected' : needed}; ask the sender for those signatures, or have the policy changed by who is in charge of it.`, { file, expected: needed, found });
}
