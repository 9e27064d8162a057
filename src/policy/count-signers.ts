import { namesKey } from '../content/key-name.js';
import type { SignatureFact } from './facts.js';
import type { Requirement } from './policy.js';

type Signed = Extract<Requirement, { kind: 'signed' }>;

const DAY_MS = 86_400_000;

/** True when the signature is one that the requirement counts at all. */
function counts(signature: SignatureFact, requirement: Signed, at: Date): boolean {
  const { formats, maxAgeDays, signedBy } = requirement;
  if (formats !== undefined && !formats.includes(signature.format)) return false;
  if (maxAgeDays !== undefined && (signature.claimedAt === undefined || at.getTime() - signature.claimedAt.getTime() > maxAgeDays * DAY_MS)) return false;
  return signedBy === undefined || signedBy.some((name) => isCalled(signature, name));
}

/**
 * By identity, by key ID, or by a fingerprint: that a certificate's key ID ends with, or of GPG, with spaces and small letters or without. A
 * certificate may call its owner anything, also as another key is called: that is no identity.
 */
function isCalled({ format, identity, names, keyId }: SignatureFact, name: string): boolean {
  if (keyId === name || ((identity === name || names?.includes(name) === true) && !namesKey(name))) return true;
  return format === 'gpg' ? keyId === name.replaceAll(' ', '').toUpperCase() : name.startsWith('sha256:') && keyId.endsWith(`(${name})`);
}

/**
 * How many different signers there are: the largest number of pairs of a name and a key in which no name and no key comes
 * twice. One key counts once, however many names, formats or signatures it has; one person counts once, with however many keys.
 */
export function countSigners(signatures: readonly SignatureFact[], requirement: Signed, at: Date): number {
  const counting = signatures.filter((signature) => counts(signature, requirement, at));
  const names = requirement.signedBy ?? [...new Set(counting.map(whose))];
  const keysOf = (name: string): readonly string[] => counting
    .filter((signature) => (requirement.signedBy === undefined ? whose(signature) === name : isCalled(signature, name)))
    .map(({ thumbprint, keyId }) => thumbprint ?? keyId);
  const holder = new Map<string, string>();
  // Bipartite matching by augmenting paths: a key that is taken may be left to us if its holder finds another.
  const place = (name: string, seen: Set<string>): boolean => {
    for (const key of keysOf(name)) {
      if (seen.has(key)) continue;
      seen.add(key);
      const other = holder.get(key);
      if (other === undefined || place(other, seen)) {
        holder.set(key, name);
        return true;
      }
    }
    return false;
  };
  return names.filter((name) => place(name, new Set())).length;
}

function whose({ identity, keyId }: SignatureFact): string {
  return identity ?? keyId;
}
