import { isImgkitError, type ImgkitError } from '../errors.js';
import type { Trust } from '../crypto/trust/trust.js';
import type { VerifiedSignature } from '../crypto/sign/signature.js';
import { admit } from '../operations/trust/admit.js';
import { verifyImageSignatures } from '../operations/trust/verify-image-signatures.js';
import type { Policy } from '../policy/policy.js';
import type { CommonOptions } from './options.js';
import { candidates, selectRoots, type Candidate } from './select-roots.js';
import { Session } from './session.js';

/** What the check of the statement came to, for a file that only the signatures of its images can let in. */
export interface Undecided {
  readonly policy: Policy;
  readonly trust: Trust;
  /** Over the statement. */
  readonly signatures: readonly VerifiedSignature[];
  /** What is thrown when it holds no images that could be signed. */
  readonly refusal: ImgkitError;
}

/** What is wrong with signatures and what stops the work is told as that; all else means that there are no images to look at. */
const TOLD = ['policy-refused', 'signature-missing', 'signature-invalid', 'signature-untrusted', 'signature-malformed', 'interrupted', 'io-failed', 'disk-full'] as const;

/**
 * Decides by the policy about the archive at `path`, whose bytes are those that were signed, before it gets its name: `shown` is what it is
 * called in messages. Throws as `admit`, and `refusal` when it cannot be read as an archive of images.
 */
export async function admitFetched(path: string, shown: string, { policy, trust, signatures, refusal }: Undecided, options: CommonOptions): Promise<void> {
  await Session.run(options, async (session) => {
    const { limits } = session;
    const { signal, network } = options;
    let images: readonly Candidate[];
    try {
      const { source, roots } = await session.open({ kind: 'archive', path, text: shown }, { referrers: true });
      images = await candidates(await selectRoots(source, roots, limits), limits, async (from, root) => (await verifyImageSignatures(from, root, { files: [], trust, limits, network, signal })).signatures);
    } catch (error) {
      throw isImgkitError(error, ...TOLD) || !isImgkitError(error) ? error : refusal;
    }
    admit({ location: shown, archive: signatures, images }, { policy, at: trust.at });
  });
}
