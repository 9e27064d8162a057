import type { ExecutionContext } from 'ava';
import { createHttpClient } from '../../src/network/create-http-client.js';
import type { HttpClient, HttpClientOptions } from '../../src/network/http-client.js';
import type { NetworkOptions } from '../../src/network/network-options.js';

/** A client that is closed when the test ends. */
export async function openClient(t: ExecutionContext, network: NetworkOptions = {}, more: Omit<HttpClientOptions, 'network'> = {}): Promise<HttpClient> {
  const client = await createHttpClient({ network, ...more });
  t.teardown(() => client.close());
  return client;
}

/** The environment of this process without proxies and passwords; ava gives each test file a process of its own. */
export function cleanEnvironment(): void {
  for (const name of Object.keys(process.env)) if (/_proxy$/i.test(name) || name === 'IMGKIT_PASSWORD' || name === 'NETRC') delete process.env[name];
}
