import type { OptionTable } from '../command.js';

const group = 'Files:';

/** What of a folder or tar becomes a layer. */
export const rootfsOptions = {
  owner: { type: 'string', group, requiresArg: true, value: 'UID:GID', describe: 'All files belong to UID:GID' },
  exclude: { type: 'string', array: true, group, requiresArg: true, value: 'PATTERN', describe: 'Leave out: *.log anywhere, var/cache/** from the root' },
} as const satisfies OptionTable;
