import { countSigners } from './count-signers.js';
import type { Facts, ImageFact, SignatureFact } from './facts.js';
import { repositoryOf, ruleFor } from './match-pattern.js';
import type { Policy, Requirement } from './policy.js';

/** The decision about one image. */
export interface ImageDecision {
  readonly names: readonly string[];
  readonly digest: string;
  readonly allowed: boolean;
  /** The pattern that decided; `default` when none fits. */
  readonly rule: string;
  /** What is there, as the end of "found ...". */
  readonly found: string;
  /** What must be there, as the end of "needed ...". */
  readonly needed: string;
  /** The rule rejects its repository, whoever signed. */
  readonly rejected: boolean;
}

/** The answer: allowed only when every image is. */
export interface Decision {
  readonly allowed: boolean;
  readonly images: readonly ImageDecision[];
  /** What to do about a refusal, as a sentence without its end. */
  readonly remedy: string | undefined;
}

/**
 * Decides whether images may come in. Pure: the same policy and facts give the same answer. Every name of an image must be
 * allowed, the most specific rule for each. No images at all are not allowed: there would be nothing that was asked about.
 */
export function decide(policy: Policy, facts: Facts): Decision {
  const images = facts.images.map((image) => decideImage(policy, facts, image));
  const allowed = images.length > 0 && images.every((image) => image.allowed);
  return { allowed, images, remedy: allowed ? undefined : remedyFor(policy, images, facts) };
}

function decideImage(policy: Policy, facts: Facts, image: ImageFact): ImageDecision {
  const signatures = [...facts.archive, ...image.signatures];
  const rules = image.names.length === 0 ? [{ pattern: 'default', requirement: policy.fallback }] : image.names.map((name) => ruleFor(policy, repositoryOf(name)));
  const failing = rules.find(({ requirement }) => (image.goesAlong === true ? requirement.kind === 'reject' : !meets(requirement, signatures, facts.at)));
  const { pattern, requirement } = (failing ?? rules[0]) as (typeof rules)[number];
  return { names: image.names, digest: image.digest, allowed: failing === undefined, rule: pattern, found: describeFound(signatures), needed: describeNeeded(requirement), rejected: requirement.kind === 'reject' };
}

function meets(requirement: Requirement, signatures: readonly SignatureFact[], at: Date): boolean {
  if (requirement.kind === 'signed') return countSigners(signatures, requirement, at) >= requirement.threshold;
  return requirement.kind === 'accept';
}

function describeFound(signatures: readonly SignatureFact[]): string {
  if (signatures.length === 0) return 'no trusted signature';
  return signatures.map(({ format, identity, keyId, claimedAt }) => {
    const time = claimedAt === undefined ? '' : `, ${claimedAt.toISOString().slice(0, 10)}`;
    return `${identity ?? keyId} (${format}${time})`;
  }).join(', ');
}

/** A requirement in words. */
function describeNeeded(requirement: Requirement): string {
  if (requirement.kind === 'accept') return 'nothing';
  if (requirement.kind === 'reject') return 'another repository: this one is rejected';
  const { signedBy, threshold, formats, maxAgeDays } = requirement;
  const who = signedBy === undefined ? 'anyone who is trusted' : signedBy.length === 1 ? signedBy[0] : `${threshold === 1 ? 'one' : threshold} of ${signedBy.join(', ')}`;
  const count = threshold === 1 || (signedBy !== undefined && signedBy.length > 1) ? 'a signature' : `signatures with ${threshold} keys`;
  return `${threshold > 1 && signedBy !== undefined ? 'signatures' : count} by ${who}${formats === undefined ? '' : `, as ${formats.join(' or ')}`}${maxAgeDays === undefined ? '' : `, not older than ${maxAgeDays} days`}`;
}

function remedyFor(policy: Policy, images: readonly ImageDecision[], facts: Facts): string {
  const failing = images.find(({ allowed }) => !allowed);
  if (failing === undefined) return 'name an archive that holds an image';
  const where = `${policy.source}, rule ${failing.rule}`;
  if (failing.rejected) return `no signature changes that; have the policy changed by who is in charge of it (${where})`;
  return facts.archive.length === 0 && facts.images.every(({ signatures }) => signatures.length === 0)
    ? `ask the sender to sign it (imgkit sign), or add the signer's key to the trust folder (imgkit trust add); the rule is in ${where}`
    : `ask for the signatures that are missing, or have the policy changed by who is in charge of it (${where})`;
}
