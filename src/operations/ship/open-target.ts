import type { NetworkOptions } from '../../network/network-options.js';
import { openTransport } from '../../transport/open-transport.js';
import { parseRemoteUrl } from '../../transport/remote-url.js';
import type { RemoteTarget } from './remote-target.js';

/** Connects to the host of `url` and asks what it can do. The caller closes `transport`. */
export async function openTarget(url: string, network: NetworkOptions | undefined, signal: AbortSignal | undefined): Promise<RemoteTarget> {
  const { path, shown } = parseRemoteUrl(url);
  const transport = await openTransport(url, network);
  try {
    return { transport, abilities: await transport.abilities(path, { signal }), path, shown, presigned: new URL(url).search !== '' };
  } catch (error) {
    await transport.close();
    throw error;
  }
}
