import { createRequire } from 'node:module';
import { isSea } from 'node:sea';
import type { Config } from 'openpgp';
import { ImgkitError } from '../../errors.js';

export type Openpgp = typeof import('openpgp');

/**
 * The package that does the arithmetic of OpenPGP, loaded when a GPG key or signature is met: half a megabyte that few need, and under the
 * LGPL, so it is in no bundle. Throws `key-refused` when it is not installed.
 */
export async function loadOpenpgp(): Promise<Openpgp> {
  try {
    return await import('openpgp').catch((error: unknown) => {
      // The executable has no modules around it but what lies beside it.
      if (isSea()) return createRequire(process.execPath)('openpgp') as Openpgp;
      throw error;
    });
  } catch (cause) {
    throw new ImgkitError('key-refused', 'GPG keys and signatures need the package openpgp, which is not installed here; install it beside imgkit (npm install openpgp@6), or use another kind of key.', {}, { cause });
  }
}

/** The curve of a key that the package cannot compute with where Node runs it: what needs that fails as if it did not fit. Undefined for others. */
export function unreadCurve(key: { getAlgorithmInfo(): { readonly curve?: string } }): string | undefined {
  const { curve } = key.getAlgorithmInfo();
  return curve?.startsWith('brainpool') === true ? curve : undefined;
}

/** Its settings, with what is accepted here: RSA from 2048 bits on; as it is anyway, no DSA, and no MD5 even in old certifications. */
export function openpgpRules({ config }: Openpgp): Config {
  return { ...config, minRSABits: 2048, nonDeterministicSignaturesViaNotation: false };
}
