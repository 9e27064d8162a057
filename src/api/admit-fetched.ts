import { isImgkitError, type ImgkitError } from '../errors.js';
import type { Trust } from '../crypto/trust/trust.js';
import type { VerifiedSignature } from '../crypto/sign/signature.js';
import { holdsImage } from '../operations/holds-image.js';
import { admit, type Evidence } from '../operations/trust/admit.js';
import { verifyImageSignatures } from '../operations/trust/verify-image-signatures.js';
import type { Policy } from '../policy/policy.js';
import { attachedRoots } from './attached-roots.js';
import type { CommonOptions } from './options.js';
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
    const images: Evidence['images'][number][] = [];
    try {
      const { source, roots } = await session.open({ kind: 'archive', path, text: shown }, { referrers: true });
      const attached = await attachedRoots(source, roots, limits);
      for (const root of roots) {
        if (attached.has(root) && !(await holdsImage(source, root, limits))) continue;
        const found = await verifyImageSignatures(source, root, { files: [], trust, limits, network, signal });
        images.push({ digest: root.descriptor.digest, names: root.names, signatures: found.signatures });
      }
    } catch (error) {
      throw isImgkitError(error, ...TOLD) || !isImgkitError(error) ? error : refusal;
    }
    admit({ location: shown, archive: signatures, images }, { policy, at: trust.at });
  });
}
