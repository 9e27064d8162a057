import type { NetworkOptions } from '../../network/network-options.js';
import { openTransport } from '../../transport/open-transport.js';
import type { AbilitiesOptions } from '../../transport/transport.js';
import { parseRemoteUrl } from '../../transport/remote-url.js';
import type { RemoteTarget } from './remote-target.js';

export interface OpenTargetOptions extends AbilitiesOptions {
  readonly network: NetworkOptions | undefined;
  readonly purpose: 'read' | 'write';
}

/** Connects to the host of `url` and asks what it can do. The caller closes `transport`. */
export async function openTarget(url: string, { network, purpose, signal }: OpenTargetOptions): Promise<RemoteTarget> {
  const { path, shown } = parseRemoteUrl(url);
  const transport = await openTransport(url, network);
  try {
    return { transport, abilities: await transport.abilities(path, { purpose, signal }), path, shown, presigned: new URL(url).search !== '' };
  } catch (error) {
    await transport.close();
    throw error;
  }
}
