import { ImgkitError } from '../../../errors.js';
import type { Limits } from '../../../limits.js';
import { schemesOf, withWrappedKeys, wrappedKeys } from './annotations.js';
import { unwrapJwe, wrapJwe } from './jwe.js';
import type { LayerIdentity, LayerRecipients } from './layer-keys.js';
import { decodePrivateOptions, encodePrivateOptions, type PrivateOptions } from './layer-options.js';
import { unwrapPkcs7, wrapPkcs7 } from './pkcs7.js';

/** `annotations` with a layer's secret wrapped for `recipients` besides those who have it. */
export async function wrapLayerKey(annotations: ReadonlyMap<string, string>, secret: PrivateOptions, { keys, certificates }: LayerRecipients): Promise<ReadonlyMap<string, string>> {
  const content = encodePrivateOptions(secret);
  return withWrappedKeys(annotations, [
    ...(keys.length === 0 ? [] : [{ scheme: 'jwe', bytes: await wrapJwe(content, keys) } as const]),
    ...(certificates.length === 0 ? [] : [{ scheme: 'pkcs7', bytes: wrapPkcs7(content, certificates) } as const]),
  ]);
}

/** The secret of the layer that carries `annotations`. Throws `decryption-refused` when none of `identities` is meant, `ciphertext-malformed`. */
export async function unwrapLayerKey(annotations: ReadonlyMap<string, string>, identities: readonly LayerIdentity[], where: string, limits: Limits): Promise<PrivateOptions> {
  const wrapped = wrappedKeys(annotations, where);
  for (const { scheme, bytes } of wrapped) {
    for (const { key } of identities) {
      const content = scheme === 'jwe' ? await unwrapJwe(bytes, key) : unwrapPkcs7(bytes, key);
      if (content !== undefined) return decodePrivateOptions(content, where, limits);
    }
  }
  const schemes = schemesOf(annotations).map((scheme) => scheme.slice(0, 20)).join(', ');
  // GnuPG, a key broker: a private key in PEM would not help.
  if (wrapped.length === 0 && schemes !== '') throw new ImgkitError('decryption-refused', `${where} is encrypted by ${schemes}, and only jwe and pkcs7 are read here; decrypt it with skopeo copy --decryption-key, or ask the sender for jwe or pkcs7.`, { entry: where, expected: schemes });
  const given = identities.length === 0 ? 'no private key was given (--identity key.pem)' : `none of the given keys is meant (${identities.map(({ label }) => label).join(', ')})`;
  throw new ImgkitError('decryption-refused', `${where} is encrypted${schemes === '' ? ' for nobody' : ` (${schemes})`}: ${given}.`, { entry: where, expected: schemes });
}
