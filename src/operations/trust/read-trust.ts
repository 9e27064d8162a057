import { emptyTrust, type Trust, type TrustFile } from '../../crypto/trust/trust.js';
import { SIGNING_LIMITS } from '../../limits.js';
import type { Policy } from '../../policy/policy.js';
import { loadTrust } from './load-trust.js';
import { readBoundedFile } from './read-bounded-file.js';
import { sortPublicKey } from './sort-public-key.js';

/** Whom to believe, as files: all of them together, and what a trust folder holds. */
export interface TrustOptions {
  /** A trust folder. */
  readonly trust?: string | undefined;
  /** Public keys: of cosign (PEM), minisign, SSH or GPG; what each is, its content says. */
  readonly keys?: readonly string[] | undefined;
  /** Root certificates. */
  readonly certificates?: readonly string[] | undefined;
  /** Certificates between signers and roots. */
  readonly chain?: readonly string[] | undefined;
  /** Certificate revocation lists. */
  readonly crls?: readonly string[] | undefined;
  /** allowed_signers files of OpenSSH. */
  readonly allowedSigners?: readonly string[] | undefined;
  /** Revoked SSH keys: public keys, or lists of `ssh-keygen -k`. */
  readonly revokedKeys?: readonly string[] | undefined;
  /** Who must have signed. Default: anyone who is trusted. */
  readonly signedBy?: string | undefined;
  /** The time that counts for expiry and revocation. Default: now. */
  readonly at?: Date | undefined;
}

/** Reads what `options` name; the notes are about a trust folder. Throws `file-not-found`, `key-malformed`, `limit-exceeded`, and what reading a trust folder throws. */
export async function readTrust(options: TrustOptions, signal?: AbortSignal): Promise<{ readonly trust: Trust; readonly policy: Policy | undefined; readonly notes: readonly string[] }> {
  const at = options.at ?? new Date();
  const folder = options.trust === undefined ? undefined : await loadTrust(options.trust, { at, signal });
  const base = folder?.trust ?? emptyTrust(at);
  const read = (paths: readonly string[] = []): Promise<readonly TrustFile[]> => Promise.all(paths.map((path) => readBoundedFile(path, SIGNING_LIMITS.trustFileBytes, signal)));
  const keys = (await read(options.keys)).map(sortPublicKey);
  const of = (kind: (typeof keys)[number]['kind']): readonly TrustFile[] => keys.flatMap((each) => (each.kind === kind ? [each.file] : []));
  const trust: Trust = {
    ...base,
    at,
    roots: [...base.roots, ...(await read(options.certificates))],
    intermediates: [...base.intermediates, ...(await read(options.chain))],
    crls: [...base.crls, ...(await read(options.crls))],
    allowedSigners: [...base.allowedSigners, ...(await read(options.allowedSigners)), ...of('allowedSigners')],
    revokedKeys: [...base.revokedKeys, ...(await read(options.revokedKeys))],
    minisign: [...base.minisign, ...of('minisign')],
    cosign: [...base.cosign, ...of('cosign')],
    gpg: [...base.gpg, ...of('gpg')],
    identity: options.signedBy ?? base.identity,
  };
  return { trust, policy: folder?.policy, notes: folder?.notes ?? [] };
}
