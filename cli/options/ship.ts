import { ImgkitError } from '../../src/index.js';
import type { OptionTable } from '../command.js';

export const verifyOption = {
  verify: {
    type: 'string', group: 'Sending:', requiresArg: true, choices: ['auto', 'size', 'hash', 'readback'] as const,
    value: 'PROOF', describe: 'Proof at the far end: its hash, or every byte read back (auto: its hash where it computes one, else the size)',
  },
} as const satisfies OptionTable;

export const retryOption = {
  retries: { type: 'string', group: 'Network:', requiresArg: true, value: 'NUMBER', describe: 'How often to go on after a network failure (3)' },
} as const satisfies OptionTable;

/** Throws `usage` for what is no number. */
export function toRetries(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new ImgkitError('usage', `--retries: "${text}" is not a number from 0 to 9999.`);
}
