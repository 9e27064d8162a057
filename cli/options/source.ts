import type { CommonOptions } from '../../src/index.js';
import type { OptionTable } from '../command.js';
import type { Context } from '../context.js';
import { identityOptions, toDecryption, type IdentityArgs } from './identities.js';
import { networkOptions, toNetworkOptions, type NetworkArgs } from './network.js';

const group = 'Source:';

export const storeOption = {
  store: { type: 'string', group, requiresArg: true, value: 'DIR', describe: 'Folder of the local store (else $IMGKIT_HOME/store or the XDG data folder)' },
} as const satisfies OptionTable;

/** What every command takes that opens locations. */
export const locationOptions = { ...storeOption, ...identityOptions, ...networkOptions } as const satisfies OptionTable;

export const platformOption = {
  platform: { type: 'string', group, requiresArg: true, value: 'OS/ARCH', describe: 'Take this platform of an index: os/arch[/variant], windows(10.0.20348)/amd64' },
} as const satisfies OptionTable;

/** The part of the facade's options that every command passes on. */
export function commonOptions(args: NetworkArgs & IdentityArgs & { readonly store?: string | undefined }, context: Context): CommonOptions {
  return { storeFolder: args.store, signal: context.signal, onProgress: context.onProgress, network: toNetworkOptions(args, context), decryption: toDecryption(args) };
}
