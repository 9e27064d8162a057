import type { VerifiedSignature } from '../crypto/sign/signature.js';
import type { ImageSource, Root } from '../image/image-source.js';
import type { Limits } from '../limits.js';
import { holdsImage } from '../operations/holds-image.js';
import { withReferrers } from '../operations/referrers.js';
import type { Selection } from '../operations/selection.js';
import type { Evidence } from '../operations/trust/admit.js';
import { attachedRoots } from './attached-roots.js';

/** An image that would be moved, with the names that it has and would get. */
export type Candidate = Evidence['images'][number];

/** `roots` of `source`, which were asked for, and behind them what is about them. */
export async function selectRoots(source: ImageSource, roots: readonly Root[], limits: Limits): Promise<readonly Selection[]> {
  const attached = await attachedRoots(source, roots, limits);
  const all = await withReferrers(source, roots, limits);
  return all.map((root) => ({ source, root, names: root.names, refName: root.refName, meant: roots.includes(root) && !attached.has(root) }));
}

/**
 * What a policy is asked about: every image among `selections`, also one that only goes along, and every artifact that goes along under a name.
 * `given` says which names it would get, beside those that it has, and `signatures` who signed it.
 */
export async function candidates(
  selections: readonly Selection[],
  limits: Limits,
  signatures: (source: ImageSource, root: Root, given: readonly string[]) => Promise<readonly VerifiedSignature[]>,
  given: (names: readonly string[]) => readonly string[] = () => [],
): Promise<readonly Candidate[]> {
  const asked: Candidate[] = [];
  for (const { source, root, names, meant } of selections) {
    if (!meant && !(await holdsImage(source, root, limits))) {
      // It needs no signature, but its name may be in a repository that is closed to everybody.
      if (names.length > 0) asked.push({ digest: root.descriptor.digest, names, goesAlong: true });
      continue;
    }
    const at = given(names);
    // What only goes along comes into the repository of those names, whose rules hold for it, and gets none of them: it need not be signed for them.
    asked.push({ digest: root.descriptor.digest, names: [...new Set([...names, ...at])], signatures: await signatures(source, root, meant ? at : []) });
  }
  return asked;
}
