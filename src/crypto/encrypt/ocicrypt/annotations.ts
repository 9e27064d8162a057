import { ImgkitError } from '../../../errors.js';
import { decodeBase64, encodeBase64 } from '../../keys/base64-strict.js';

/** Ways to wrap a layer's secret that are read and written here. */
export type WrapScheme = 'jwe' | 'pkcs7';

// ocicrypt, spec of annotations: comma-separated standard base64.
const PREFIX = 'org.opencontainers.image.enc.';
export const PUBLIC_OPTIONS = `${PREFIX}pubopts`;
const KEYS: Record<WrapScheme, string> = { jwe: `${PREFIX}keys.jwe`, pkcs7: `${PREFIX}keys.pkcs7` };
const MOST_VALUES = 1000;

/** The wrapped secrets of a layer, in the order of its annotations. Throws `ciphertext-malformed`, naming `where`. */
export function wrappedKeys(annotations: ReadonlyMap<string, string>, where: string): readonly { readonly scheme: WrapScheme; readonly bytes: Uint8Array }[] {
  return (['jwe', 'pkcs7'] as const).flatMap((scheme) => {
    const text = annotations.get(KEYS[scheme]);
    if (text === undefined || text === '') return [];
    return text.split(',', MOST_VALUES).map((value) => {
      const bytes = decodeBase64(value);
      if (bytes === undefined) throw new ImgkitError('ciphertext-malformed', `${where}: annotation ${KEYS[scheme]} is not base64; the image is damaged, get it again.`, { entry: where });
      return { scheme, bytes };
    });
  });
}

/** Names of the schemes that a layer's annotations use, also those that are not read here. */
export function schemesOf(annotations: ReadonlyMap<string, string>): readonly string[] {
  return [...annotations.keys()].flatMap((name) => (name.startsWith(`${PREFIX}keys.`) ? [name.slice(PREFIX.length + 5)] : []));
}

/** `annotations` with more wrapped secrets; what is there stays. */
export function withWrappedKeys(annotations: ReadonlyMap<string, string>, wrapped: readonly { readonly scheme: WrapScheme; readonly bytes: Uint8Array }[]): ReadonlyMap<string, string> {
  const result = new Map(annotations);
  for (const { scheme, bytes } of wrapped) {
    const known = result.get(KEYS[scheme]);
    result.set(KEYS[scheme], known === undefined || known === '' ? encodeBase64(bytes) : `${known},${encodeBase64(bytes)}`);
  }
  return result;
}

/** `annotations` without what is about encryption. */
export function withoutEncryption(annotations: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...annotations].filter(([name]) => !name.startsWith(PREFIX)));
}
