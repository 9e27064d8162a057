import type { CommonOptions } from '../../src/index.js';
import type { OptionTable } from '../command.js';

const group = 'Decryption:';

/** What every command takes that may meet an encrypted archive. None of them carries a secret. */
export const identityOptions = {
  identity: { type: 'string', array: true, group, requiresArg: true, value: 'FILE', describe: 'File with an age identity or SSH private key that opens an .age archive' },
  'passphrase-file': { type: 'string', group, requiresArg: true, value: 'FILE', describe: 'File with the passphrase of an .age archive, or of the identity' },
} as const satisfies OptionTable;

/** The values of {@link identityOptions}. */
export interface IdentityArgs {
  readonly identity?: readonly string[] | undefined;
  readonly 'passphrase-file'?: string | undefined;
}

/** The facade's `decryption` for {@link identityOptions}; undefined when none is given. */
export function toDecryption(args: IdentityArgs): CommonOptions['decryption'] {
  const { identity: identities, 'passphrase-file': passphraseFile } = args;
  return identities === undefined && passphraseFile === undefined ? undefined : { identities, passphraseFile };
}
