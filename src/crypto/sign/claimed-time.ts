import { ImgkitError } from '../../errors.js';
import { seconds } from '../x509/check-certificate.js';

/** How far the clock of a signer may be ahead of ours. */
const CLOCK_SKEW_MS = 10 * 60 * 1000;

/**
 * Refuses a signature that claims to be made after `at`, the time that counts: a clock is wrong, or the claim is. That it is earlier
 * proves nothing. Throws `signature-untrusted`; `name` is that of the signature's file.
 */
export function refuseFuture(claimedAt: Date | undefined, at: Date, name: string): void {
  if (claimedAt === undefined || claimedAt.getTime() <= at.getTime() + CLOCK_SKEW_MS) return;
  throw new ImgkitError('signature-untrusted', `${name}: claims to be made at ${seconds(claimedAt)}, which is in the future of ${seconds(at)}; check the clocks of both sides, or the time given with --at.`, { file: name, expected: `<= ${seconds(at)}`, found: seconds(claimedAt) });
}
