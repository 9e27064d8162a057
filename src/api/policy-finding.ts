import type { VerifiedSignature } from '../crypto/sign/signature.js';
import { isImgkitError } from '../errors.js';
import type { Finding } from '../image/finding.js';
import type { ImageSource, Root } from '../image/image-source.js';
import { admit } from '../operations/trust/admit.js';
import { readTrust } from '../operations/trust/read-trust.js';
import { signaturePlaces } from '../operations/trust/signature-places.js';
import { verifyImageSignatures } from '../operations/trust/verify-image-signatures.js';
import { candidates, selectRoots } from './select-roots.js';
import type { Session } from './session.js';
import type { SignatureCheck } from './signature-check.js';
import { REFUSED } from './signature-findings.js';

/**
 * Asks the policy of the trust folder about every image among `roots`, under the names that it has, as `load` would: what `verify` lets pass
 * must not be refused there. `archive` are the signatures over the file. Gives what it refuses; undefined when there is no policy, or it lets all in. Throws what is not about the images.
 */
export async function policyFinding(session: Session, source: ImageSource, roots: readonly Root[], check: SignatureCheck, archive: readonly VerifiedSignature[]): Promise<Finding | undefined> {
  const { limits } = session;
  const { network, signal } = session.options;
  const { trust, policy } = await readTrust(check, signal);
  if (policy === undefined) return undefined;
  const places = await signaturePlaces(check, signal);
  try {
    const images = await candidates(await selectRoots(source, roots, limits), limits, async (from, root) => (await verifyImageSignatures(from, root, { ...places, trust, limits, network, signal })).signatures);
    admit({ location: source.location, archive, images }, { policy, at: trust.at });
    return undefined;
  } catch (error) {
    if (!isImgkitError(error, 'policy-refused', ...REFUSED)) throw error;
    const { expected, found } = error.details;
    return { check: 'signature', status: 'failed', subject: source.location, message: error.message, expected, found };
  }
}
