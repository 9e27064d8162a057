import type { OptionTable } from '../command.js';

const group = 'Output:';

/** What every command takes. */
export const outputOptions = {
  json: { type: 'boolean', group, describe: 'Print one JSON document' },
  quiet: { type: 'boolean', alias: 'q', group, describe: 'Print only the essential' },
  progress: {
    type: 'string',
    group,
    requiresArg: true,
    choices: ['auto', 'plain', 'json', 'none'] as const,
    default: 'auto' as const,
    value: 'MODE',
    describe: 'How long work shows itself on stderr',
  },
} as const satisfies OptionTable;

/** The values of {@link outputOptions}. */
export interface OutputArgs {
  readonly json?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly progress?: string | undefined;
}
