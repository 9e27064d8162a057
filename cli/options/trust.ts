import { ImgkitError, type SignatureCheck } from '../../src/index.js';
import type { OptionTable } from '../command.js';
import { parseTime } from './time.js';

const group = 'Trust:';
const files = { type: 'string', array: true, group, requiresArg: true, value: 'FILE' } as const;

/** Whom to believe. Any of them makes a signature a must. */
export const trustOptions = {
  trust: { type: 'string', group, requiresArg: true, value: 'DIR', describe: 'Folder of trusted keys and certificates' },
  key: { ...files, describe: 'Trusted public key: cosign (PEM), minisign, SSH or GPG' },
  minisign: { ...files, describe: 'Trusted public key of minisign' },
  cert: { ...files, describe: 'Trusted root certificate (CMS signatures)' },
  chain: { ...files, describe: 'Certificates between signer and root' },
  crl: { ...files, describe: 'Certificate revocation list' },
  'allowed-signers': { ...files, describe: 'SSH keys and whose they are, as for ssh-keygen -Y verify' },
  'revoked-keys': { ...files, describe: 'SSH keys that are revoked: a list, or a KRL of ssh-keygen -k' },
  at: { type: 'string', group, requiresArg: true, value: 'TIME', describe: 'Time that counts for expiry (now), like 2026-03-31T12:00:00Z' },
  statement: { type: 'string', group, requiresArg: true, value: 'FILE', describe: 'Signed list of checksums (FILE.sha256)' },
  signature: { ...files, describe: 'Signature over the list (all beside it), or by GPG over the image' },
  lookaside: { ...files, value: 'DIR|URL', describe: 'Folder with GPG signatures of images, laid out as for skopeo' },
} as const satisfies OptionTable;

/** The values of {@link trustOptions}. */
export interface TrustArgs {
  readonly trust?: string | undefined;
  readonly key?: readonly string[] | undefined;
  readonly minisign?: readonly string[] | undefined;
  readonly cert?: readonly string[] | undefined;
  readonly chain?: readonly string[] | undefined;
  readonly crl?: readonly string[] | undefined;
  readonly 'allowed-signers'?: readonly string[] | undefined;
  readonly 'revoked-keys'?: readonly string[] | undefined;
  readonly at?: string | undefined;
  readonly statement?: string | undefined;
  readonly signature?: readonly string[] | undefined;
  readonly lookaside?: readonly string[] | undefined;
}

/**
 * The facade's trust for {@link trustOptions}, undefined when nobody is to be trusted. `signer` says who must have signed.
 * Throws `usage` for options that only make sense with somebody to trust.
 */
export function toSignatureCheck(args: TrustArgs, signer: string | undefined): SignatureCheck | undefined {
  const keys = [...(args.key ?? []), ...(args.minisign ?? [])];
  const { trust, cert, chain, crl, statement, signature, lookaside } = args;
  const [allowedSigners, revokedKeys] = [args['allowed-signers'], args['revoked-keys']];
  if (trust === undefined && cert === undefined && allowedSigners === undefined && keys.length === 0) {
    const alone = Object.entries({ chain, crl, 'revoked-keys': revokedKeys, at: args.at, statement, signature, lookaside }).find(([, value]) => value !== undefined);
    if (alone === undefined) return undefined;
    throw new ImgkitError('usage', `--${alone[0]} needs somebody to trust: --trust, --key, --cert or --allowed-signers.`);
  }
  return { trust, keys, certificates: cert, chain, crls: crl, allowedSigners, revokedKeys, signedBy: signer, at: parseTime(args.at, 'at'), statement, signatures: signature, lookaside };
}
