import { ImgkitError, type WriteOptions } from '../../src/index.js';
import type { OptionTable } from '../command.js';
import type { Context } from '../context.js';
import type { IdentityArgs } from './identities.js';
import type { NetworkArgs } from './network.js';
import { recipientOptions, toEncryption, type RecipientArgs } from './recipients.js';
import { commonOptions, locationOptions, platformOption } from './source.js';

const group = 'Writing:';
const compressions = ['none', 'gzip', 'zstd'] as const;

/** What `save`, `load` and `copy` take. `--all` is how skopeo says it. */
export const writeOptions = {
  ...locationOptions,
  ...platformOption,
  'all-platforms': { type: 'boolean', alias: 'all', group: 'Source:', conflicts: 'platform', describe: 'Insist on every platform an index names' },
  format: { type: 'string', group, requiresArg: true, choices: ['hybrid', 'oci', 'docker'] as const, value: 'FORMAT', describe: 'Archive to write (hybrid unless the location decides)' },
  compress: { type: 'string', group, requiresArg: true, choices: compressions, value: 'METHOD', describe: 'Layers at the target (as they are)' },
  'compress-level': { type: 'string', group, requiresArg: true, value: 'LEVEL', describe: 'gzip 1-9, zstd 1-22, or "fast"' },
  'compress-archive': { type: 'string', group, requiresArg: true, choices: compressions, value: 'METHOD', describe: 'Around the whole archive (by its name: .gz .tgz .zst)' },
  force: { type: 'boolean', group, describe: 'Let a tag move to another digest, replace a file at a host, and mend damaged blobs of a store' },
  ...recipientOptions,
} as const satisfies OptionTable;

interface WriteArgs extends NetworkArgs, IdentityArgs, RecipientArgs {
  readonly store?: string | undefined;
  readonly platform?: string | undefined;
  readonly 'all-platforms'?: boolean | undefined;
  readonly format?: WriteOptions['format'];
  readonly compress?: WriteOptions['compress'];
  readonly 'compress-level'?: string | undefined;
  readonly 'compress-archive'?: WriteOptions['compressArchive'];
  readonly force?: boolean | undefined;
}

/** The facade's options for {@link writeOptions}. Throws `usage` for a level that is none. */
export function toWriteOptions(args: WriteArgs, context: Context): WriteOptions {
  return {
    ...commonOptions(args, context),
    format: args.format,
    compress: args.compress,
    compressLevel: parseLevel(args['compress-level'], args.compress),
    compressArchive: args['compress-archive'],
    platform: args.platform,
    allPlatforms: args['all-platforms'],
    force: args.force,
    encryption: toEncryption(args),
  };
}

function parseLevel(text: string | undefined, compress: WriteOptions['compress']): number | 'fast' | undefined {
  if (text === undefined || text === 'fast') return text;
  const highest = compress === 'gzip' ? 9 : 22;
  const level = Number(text);
  if (/^\d{1,2}$/.test(text) && level >= 1 && level <= highest) return level;
  throw new ImgkitError('usage', `--compress-level: "${text}" is neither 1 to ${highest} nor "fast".`);
}
