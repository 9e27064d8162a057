import { ImgkitError, isImgkitError } from '../../errors.js';
import type { Finding } from '../../image/finding.js';
import type { VerifiedSignature } from '../../crypto/sign/signature.js';
import { decide, type Decision, type ImageDecision } from '../../policy/decide.js';
import type { SignatureFact } from '../../policy/facts.js';
import { DEFAULT_POLICY, type Policy } from '../../policy/policy.js';

/** What is known about an archive before anything of it is written anywhere. */
export interface Evidence {
  /** The archive, as the user named it. */
  readonly location: string;
  /** Every image that would be moved, with the names that it has and those that it would get; `goesAlong` for a named artifact about one. */
  readonly images: readonly { readonly names: readonly string[]; readonly digest: string; readonly signatures?: readonly VerifiedSignature[] | undefined; readonly goesAlong?: boolean | undefined }[];
  /**
   * Over the archive itself: what verifying its statement gave, or the error that it threw (`signature-missing` for none).
   * The signed digest must be that of the very bytes that the images are read from: see `proveFile` and `proveStream`.
   */
  readonly archive: readonly VerifiedSignature[] | ImgkitError;
}

export interface AdmissionRules {
  /** Of the trust folder. Default: one signature by anyone who is trusted. */
  readonly policy?: Policy | undefined;
  /** The time that counts for the age of signatures. */
  readonly at: Date;
  /** `--insecure-accept-unsigned`: signatures may be missing. Those that are there must still be right. */
  readonly acceptUnsigned?: boolean | undefined;
}

/** That images may come in, and why. */
export interface Admission {
  readonly decision: Decision;
  /** For the result: who signed, or that nobody had to. */
  readonly notes: readonly Finding[];
}

/** Errors that say that nobody trusted signed; all others say that something is wrong, and end everything. */
const ABSENT = ['signature-missing', 'signature-untrusted'] as const;

/**
 * Decides whether what an archive holds may be written to the target. Call it after the sources are open and their roots known,
 * and before the sink is opened. Returns what the result should tell.
 *
 * Throws `signature-missing` or `signature-untrusted` when nobody trusted signed and the policy asks for it, `policy-refused` when
 * the policy asks for more than was found or rejects a repository, and the error in `archive.archive` when it is about a
 * signature that is damaged or does not fit: no policy and no option accepts that.
 */
export function admit(evidence: Evidence, rules: AdmissionRules): Admission {
  const { archive, location, images } = evidence;
  const absent = archive instanceof Error ? archive : undefined;
  if (absent !== undefined && !isImgkitError(absent, ...ABSENT)) throw absent;
  const policy = rules.policy ?? DEFAULT_POLICY;
  const facts = { at: rules.at, archive: absent === undefined ? (archive as readonly VerifiedSignature[]).map(factOf) : [], images: images.map((image) => ({ ...image, signatures: (image.signatures ?? []).map(factOf) })) };
  const decision = decide(policy, facts);
  const notes = [...signerNotes(evidence), ...(absent?.code === 'signature-untrusted' ? [note(location, absent.message)] : [])];
  if (decision.allowed) return { decision, notes };

  const rejected = decide({ ...policy, rules: policy.rules.map(acceptSigned), fallback: acceptSigned({ pattern: '', requirement: policy.fallback }).requirement }, facts);
  // A signature by a key that expired or was revoked is not a missing one.
  if (rules.acceptUnsigned === true && rejected.allowed && absent?.code !== 'signature-untrusted') {
    return { decision, notes: [...notes, ...decision.images.filter(({ allowed }) => !allowed).map((image) => note(location, `${nameOf(image)} was accepted without the signatures that the policy asks for (--insecure-accept-unsigned): found ${image.found}, needed ${image.needed}`))] };
  }
  if (absent !== undefined && rejected.allowed && images.every(({ signatures }) => (signatures?.length ?? 0) === 0)) throw explain(absent, decision, location);
  throw refusal(decision, location);
}

function refusal(decision: Decision, location: string): ImgkitError {
  const failing = decision.images.find(({ allowed }) => !allowed);
  if (failing === undefined) return new ImgkitError('policy-refused', `${location}: holds no image that a policy could allow; ${decision.remedy}.`, { file: location });
  return new ImgkitError('policy-refused', `${location}: ${nameOf(failing)} is not allowed by the policy: found ${failing.found}, needed ${failing.needed}; ${decision.remedy}.`, {
    file: location, entry: failing.digest, expected: failing.needed, found: failing.found,
  });
}

/** The error of the signature check, with what the policy would have needed. */
function explain(absent: ImgkitError, decision: Decision, location: string): ImgkitError {
  const failing = decision.images.find(({ allowed }) => !allowed);
  if (failing === undefined) return absent;
  return new ImgkitError(absent.code, `${absent.message}${/[.?!]$/.test(absent.message) ? '' : '.'} Needed for ${nameOf(failing)}: ${failing.needed}.`, { ...absent.details, file: location, expected: failing.needed }, { cause: absent });
}

function acceptSigned<T extends { readonly requirement: Policy['fallback'] }>(rule: T): T {
  return rule.requirement.kind === 'signed' ? { ...rule, requirement: { kind: 'accept' } } : rule;
}

function signerNotes({ archive, images, location }: Evidence): readonly Finding[] {
  const told = (signature: VerifiedSignature, subject: string): readonly Finding[] => [
    note(subject, `signed by ${signature.identity ?? signature.keyId} (${signature.format}${signature.identity === undefined ? '' : `, ${signature.keyId}`})`),
    ...signature.notes.map((text) => note(subject, text)),
  ];
  return [...(archive instanceof Error ? [] : archive.flatMap((signature) => told(signature, location))), ...images.flatMap(({ signatures = [], digest }) => signatures.flatMap((signature) => told(signature, digest)))];
}

function note(subject: string, message: string): Finding {
  return { check: 'signature', status: 'note', subject, message };
}

function factOf({ format, keyId, thumbprint, identity, names, claimedAt }: VerifiedSignature): SignatureFact {
  return { format, keyId, thumbprint, identity, names, claimedAt };
}

function nameOf({ names, digest }: ImageDecision): string {
  return names[0] ?? digest;
}
