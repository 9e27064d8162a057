import { ImgkitError, type SigningOptions } from '../../src/index.js';
import type { OptionTable } from '../command.js';
import type { Context } from '../context.js';
import { askPassphrase } from './passphrase.js';

const group = 'Signing:';

/** With which key to sign what is written. */
export const signingOptions = {
  'sign-key': { type: 'string', group, requiresArg: true, value: 'FILE', describe: 'Sign FILE.sha256 beside it with this private key (see imgkit sign)' },
  'sign-format': { type: 'string', group, requiresArg: true, implies: 'sign-key', choices: ['cms', 'ssh', 'minisign', 'cosign'] as const, value: 'FORMAT', describe: 'Kind of signature (by the key; cms with --cert)' },
  cert: { type: 'string', group, requiresArg: true, implies: 'sign-key', value: 'FILE', describe: 'Certificate of the key, for CMS' },
  chain: { type: 'string', array: true, group, requiresArg: true, implies: 'sign-key', value: 'FILE', describe: 'Certificates between that and the root' },
  'sign-passphrase-file': { type: 'string', group, requiresArg: true, implies: 'sign-key', value: 'FILE', describe: 'File with the passphrase of the key (else $IMGKIT_PASSPHRASE)' },
} as const satisfies OptionTable;

interface SigningArgs {
  readonly 'sign-key'?: string | undefined;
  readonly 'sign-format'?: SigningOptions['format'];
  readonly cert?: string | undefined;
  readonly chain?: readonly string[] | undefined;
  readonly 'sign-passphrase-file'?: string | undefined;
}

/** The facade's `signing` for {@link signingOptions}; undefined when there is no key. Throws `usage`. */
export function toSigning(args: SigningArgs, context: Context): SigningOptions | undefined {
  const { 'sign-key': key, 'sign-format': format, cert: certificate, chain, 'sign-passphrase-file': passphraseFile } = args;
  if (key === undefined) return undefined;
  if (key === '') throw new ImgkitError('usage', '--sign-key: name the file of the private key.');
  return { key, format, certificate, chain, passphraseFile, passphrase: () => askPassphrase(context) };
}
