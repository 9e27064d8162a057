import { readSecretFile } from '../content/secret-file.js';
import { resolvePassphrase } from '../crypto/keys/passphrase.js';
import type { MakeX509Options } from '../crypto/keys/x509-key.js';
import { ImgkitError } from '../errors.js';
import { SIGNING_LIMITS } from '../limits.js';
import { readBoundedFile } from '../operations/trust/read-bounded-file.js';

/** Options that only certificates have (`type: 'x509'`). */
export interface KeyTypeOptions {
  /** `CN=Release, O=Acme`. Default: the comment, or the name. */
  readonly subject?: string | undefined;
  /** For how many days. Default: 3650 for a CA, 825 for a signer. */
  readonly days?: number | undefined;
  /** Addresses that the certificate is for. */
  readonly emails?: readonly string[] | undefined;
  /** `new` for a CA, or the certificate and key of the CA that issues. Default: the certificate signs itself. */
  readonly ca?: 'new' | { readonly certificate: string; readonly key: string; readonly passphraseFile?: string | undefined } | undefined;
}

type X509Only = Pick<MakeX509Options, 'subject' | 'days' | 'emails' | 'ca'>;

/** What a maker gets beyond what all get, its files read. Throws `usage` for options that the type does not have. */
export async function keyTypeOptions(options: KeyTypeOptions & { readonly type: string }, signal?: AbortSignal): Promise<X509Only> {
  const { type, subject, days, emails, ca } = options;
  const given = Object.entries({ subject, days, emails, ca }).filter(([, value]) => value !== undefined).map(([name]) => name);
  if (type !== 'x509' && given.length > 0) throw new ImgkitError('usage', `Keys of type ${type} have no ${given.join(', ')}: only certificates (x509) do.`);
  if (ca === undefined || ca === 'new') return { subject, days, emails, ca };
  const certificate = await readBoundedFile(ca.certificate, SIGNING_LIMITS.trustFileBytes, signal);
  const key = { name: ca.key, bytes: await readSecretFile(ca.key, { signal }) };
  return { subject, days, emails, ca: { certificate, key, passphrase: await resolvePassphrase({ passphraseFile: ca.passphraseFile }, signal) } };
}
