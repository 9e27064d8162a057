import type { VerifiedSignature } from '../../crypto/sign/signature.js';
import { ImgkitError } from '../../errors.js';
import { countSigners } from '../../policy/count-signers.js';
import { decide } from '../../policy/decide.js';
import type { Policy, PolicyFormat, Requirement } from '../../policy/policy.js';

/** Formats in which images are signed themselves. */
const OF_IMAGES: readonly PolicyFormat[] = ['cosign', 'gpg'];

/**
 * Throws `policy-refused` for a file that no rule of the policy would let in, whatever images are in it: that is known before it is fetched.
 * Where a rule asks for more signers than the file has, and signatures of the images in it could be the others, gives the refusal for the
 * case that they are not. Which rule counts is decided when the images are loaded, and their names known.
 */
export function requireSomeRule(policy: Policy, signatures: readonly VerifiedSignature[], at: Date, file: string): ImgkitError | undefined {
  const requirements = [...policy.rules.map(({ requirement }) => requirement), policy.fallback];
  const decisions = requirements.map((fallback) => decide({ ...policy, rules: [], fallback }, { at, archive: signatures, images: [{ names: [], digest: '', signatures: [] }] }));
  if (decisions.some(({ allowed }) => allowed)) return undefined;
  const found = decisions[0]?.images[0]?.found ?? '';
  const needed = [...new Set(decisions.flatMap(({ images }) => images.filter(({ rejected }) => !rejected).map((image) => image.needed)))].slice(0, 3).join('; or ');
  const refusal = new ImgkitError('policy-refused', `${file}: no rule of ${policy.source} lets in what is signed so: found ${found}, needed ${needed === '' ? 'nothing that could be given: every repository is rejected' : needed}; ask the sender for those signatures, or have the policy changed by who is in charge of it.`, { file, expected: needed, found });
  if (requirements.some((each) => imagesCouldHelp(each, signatures, at))) return refusal;
  throw refusal;
}

/** A part of the signers is there: a file that none of them signed is not worth fetching. */
function imagesCouldHelp(requirement: Requirement, signatures: readonly VerifiedSignature[], at: Date): boolean {
  if (requirement.kind !== 'signed' || countSigners(signatures, requirement, at) === 0) return false;
  return requirement.formats === undefined || requirement.formats.some((format) => OF_IMAGES.includes(format));
}
