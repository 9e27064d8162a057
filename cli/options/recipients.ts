import type { WriteOptions } from '../../src/index.js';
import type { OptionTable } from '../command.js';

const group = 'Encryption:';

/** For whom something is encrypted. */
export const recipientOptions = {
  recipient: { type: 'string', alias: 'r', array: true, group, requiresArg: true, value: 'RECIPIENT', describe: 'Encrypt for this recipient: age1... or "ssh-ed25519 AAAA..."' },
  'recipients-file': { type: 'string', alias: 'R', array: true, group, requiresArg: true, value: 'FILE', describe: 'File with one recipient on each line, such as an SSH .pub file' },
} as const satisfies OptionTable;

/** The values of {@link recipientOptions}. */
export interface RecipientArgs {
  readonly recipient?: readonly string[] | undefined;
  readonly 'recipients-file'?: readonly string[] | undefined;
}

/** The facade's `encryption` for {@link recipientOptions}; undefined when none is given. */
export function toEncryption(args: RecipientArgs): WriteOptions['encryption'] {
  const { recipient: recipients, 'recipients-file': recipientsFiles } = args;
  return recipients === undefined && recipientsFiles === undefined ? undefined : { recipients, recipientsFiles };
}
