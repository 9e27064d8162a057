import { askHidden } from '../ask-hidden.js';
import type { OptionTable } from '../command.js';
import type { Context } from '../context.js';
import { environmentPassphrase } from './environment-passphrase.js';

/** Where a passphrase comes from; never from the command line itself. */
export const passphraseOption = {
  'passphrase-file': { type: 'string', group: 'Key:', requiresArg: true, value: 'FILE', describe: 'File with the passphrase of the key (else $IMGKIT_PASSPHRASE)' },
} as const satisfies OptionTable;

/** The environment's passphrase, else what is typed on the terminal; called only for a key that needs one. */
export async function askPassphrase(context: Context): Promise<string | undefined> {
  return environmentPassphrase() ?? (await askHidden('Passphrase of the key:', context));
}
