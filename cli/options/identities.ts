import { existsSync } from 'node:fs';
import { ImgkitError, type CommonOptions } from '../../src/index.js';
import type { OptionTable } from '../command.js';
import { environmentPassphrase } from './environment-passphrase.js';

const group = 'Decryption:';

/** What every command takes that may meet an encrypted archive. None of them carries a secret. */
export const identityOptions = {
  identity: { type: 'string', array: true, group, requiresArg: true, value: 'FILE', describe: 'File with an age identity or SSH private key that opens an .age archive' },
  'passphrase-file': { type: 'string', group, requiresArg: true, value: 'FILE', describe: 'File with the passphrase of an .age archive, or of the identity (else $IMGKIT_PASSPHRASE)' },
} as const satisfies OptionTable;

/** The values of {@link identityOptions}. */
export interface IdentityArgs {
  readonly identity?: readonly string[] | undefined;
  readonly 'passphrase-file'?: string | undefined;
}

/**
 * The facade's `decryption` for {@link identityOptions}; undefined when none is given. A file that is not there is an error here, and not only
 * where an archive is encrypted: `load app.tar --identity release@example.org` would load it, whoever signed it. Throws `file-not-found`.
 */
export function toDecryption(args: IdentityArgs): CommonOptions['decryption'] {
  const { identity: identities, 'passphrase-file': passphraseFile } = args;
  const absent = identities?.find((path) => !existsSync(path));
  if (absent !== undefined) {
    throw new ImgkitError('file-not-found', `${absent}: there is no such file; --identity names what opens an .age archive. Who must have signed is named with --signed-by.`, { file: absent });
  }
  return identities === undefined && passphraseFile === undefined ? undefined : { identities, passphraseFile, passphrase: identityPassphrase };
}

/** Asked only for an identity that is protected. */
export async function identityPassphrase(): Promise<string | undefined> {
  return environmentPassphrase();
}
