import type { NetworkOptions } from '../network/network-options.js';
import { createCredentialFinder } from './auth/find-credentials.js';
import type { FindCredentials } from './auth/credentials.js';
import { Connection } from './connection.js';
import type { RegistryAddress } from './registry-address.js';
import type { Wait } from './retry.js';

export interface OpenConnectionOptions {
  readonly network: NetworkOptions;
  /** Default: Docker's and podman's files and helpers. */
  readonly findCredentials?: FindCredentials | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly wait?: Wait | undefined;
}

/** A connection to the registry at `address`; nothing is sent yet. The caller closes it. */
export function openConnection(address: RegistryAddress, { network, findCredentials, signal, wait }: OpenConnectionOptions): Connection {
  return new Connection({
    address, network, wait,
    findCredentials: findCredentials ?? createCredentialFinder({ signal }),
    createClient: async (options) => (await import('../network/create-http-client.js')).createHttpClient(options),
  });
}
