import type { ExecutionContext } from 'ava';
import type { NetworkOptions } from '../../../src/network/network-options.js';
import { openHttpTransport } from '../../../src/transport/http/http-transport.js';
import type { Transport } from '../../../src/transport/transport.js';

/** A transport that is closed when the test ends. */
export async function openFor(t: ExecutionContext, url: string, network: NetworkOptions = {}): Promise<Transport> {
  const transport = await openHttpTransport(url, network);
  t.teardown(() => transport.close());
  return transport;
}
