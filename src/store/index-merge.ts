import type { Digest } from '../content/digest.js';
import { ImgkitError } from '../errors.js';
import type { TransferRoot } from '../image/image-sink.js';
import type { IndexEntry } from './index-file.js';
import { entryName, REF_NAME } from '../image/index-names.js';
import { nameRoot, type NamedRoot } from '../image/named-root.js';

/** How a layout spells the names of its images. */
export interface NamingRules {
  readonly kind: 'oci-layout' | 'store';
  /** The `org.opencontainers.image.ref.name` that a root gets for one of its names. */
  readonly refNameFor: (root: TransferRoot, name: string) => string;
}

/**
 * The entries of an index after `roots` were added: an entry of the same ref name is replaced in its place, everything else is kept.
 * A root without names is added once, unless its digest is listed already. Pure. Throws `usage` when two roots want one ref name.
 */
export function mergeRoots(entries: readonly IndexEntry[], roots: readonly TransferRoot[], rules: NamingRules): readonly IndexEntry[] {
  const merged = [...entries];
  for (const addition of additionsOf(roots, rules)) place(merged, addition, rules);
  return merged;
}

/** Every ref name that `roots` would get, with the digest it would point at. Throws `usage` when two roots want one. */
export function refNamesOf(roots: readonly TransferRoot[], rules: NamingRules): ReadonlyMap<string, Digest> {
  const names = new Map<string, Digest>();
  for (const { refName, descriptor } of additionsOf(roots, rules)) {
    if (refName === undefined) continue;
    const other = names.get(refName);
    if (other !== undefined && other !== descriptor.digest) {
      throw new ImgkitError('usage', `Two images would both get the name ${refName} (${other} and ${descriptor.digest}); give them different names, or write one of them.`, { entry: refName, expected: other, found: descriptor.digest });
    }
    names.set(refName, descriptor.digest);
  }
  return names;
}

/** What an index entry is known by: its ref name; in the store that is a full name, however another tool spelled it. */
export function entryLabel({ descriptor }: IndexEntry, { kind }: NamingRules): string | undefined {
  const refName = descriptor.annotations?.get(REF_NAME);
  return kind === 'store' ? (entryName(descriptor) ?? refName) : refName;
}

/** In the store a name is a full one; a bare ref name of elsewhere would not find anything there. */
function additionsOf(roots: readonly TransferRoot[], { kind, refNameFor }: NamingRules): readonly NamedRoot[] {
  return roots.flatMap((root) => nameRoot(kind === 'store' ? { ...root, refName: undefined } : root, refNameFor));
}

function place(merged: IndexEntry[], { refName, descriptor }: NamedRoot, rules: NamingRules): void {
  const sameDigest = (entry: IndexEntry): boolean => entry.descriptor.digest === descriptor.digest;
  if (refName === undefined) {
    if (!merged.some(sameDigest)) merged.push({ descriptor });
    return;
  }
  const taken = merged.findIndex((entry) => entryLabel(entry, rules) === refName);
  // In the store an untagged entry is only there to keep its image; a name takes over that duty.
  const untagged = rules.kind === 'store' ? merged.findIndex((entry) => sameDigest(entry) && entryLabel(entry, rules) === undefined) : -1;
  if (taken !== -1) {
    merged[taken] = { descriptor };
    if (untagged !== -1) merged.splice(untagged, 1);
  } else if (untagged !== -1) {
    merged[untagged] = { descriptor };
  } else {
    merged.push({ descriptor });
  }
}
