import { gpgKeyExpiry, gpgKeyProblem, readGpgKeys } from '../../crypto/openpgp/gpg-keys.js';
import { placeOf } from '../../crypto/trust/trust-layout.js';
import type { TrustFiles } from '../../crypto/trust/trust-manifest.js';
import { ImgkitError } from '../../errors.js';
import type { TrustFinding } from './inspect-trust.js';

const SOON_MS = 30 * 86_400_000;

/**
 * What will be refused of the GPG keys among the files, and which expire soon: apart from `inspectTrust`, for it needs the package openpgp.
 * That it is missing is a finding, too. Files that cannot be read are left to `inspectTrust`.
 */
export async function inspectGpgKeys(files: TrustFiles, at: Date): Promise<readonly TrustFinding[]> {
  const findings: TrustFinding[] = [];
  for (const [path, bytes] of files) {
    if (placeOf(path)?.kind !== 'gpg') continue;
    try {
      for (const key of await readGpgKeys({ name: path, bytes })) {
        const problem = await gpgKeyProblem(key, undefined, at);
        const expires = await gpgKeyExpiry(key);
        if (problem !== undefined && key.weakness === undefined) findings.push({ status: 'failed', path, message: `${key.fingerprint} ${problem}` });
        else if (expires !== undefined && expires.getTime() <= at.getTime() + SOON_MS) findings.push({ status: 'note', path, message: `${key.fingerprint} expires on ${expires.toISOString().slice(0, 10)}` });
      }
    } catch (error) {
      if (!(error instanceof ImgkitError)) throw error;
      if (error.code === 'key-refused') findings.push({ status: 'failed', path, message: error.message });
    }
  }
  return findings;
}
