import type { SecureContextOptions } from 'node:tls';
import type { Dispatcher } from 'undici';
import { readCertificateFiles } from './certificate-files.js';
import type { HttpClientOptions } from './http-client.js';
import { proxyFor } from './proxy.js';
import { CONNECT_TIMEOUT, IDLE_TIMEOUT } from './time-limit.js';

/** Connections, straight and through proxies, kept for the next request. */
export interface HttpAgents {
  for(url: URL): Dispatcher;
  close(): Promise<void>;
}

/** Reads the certificate files and prepares connections; none is made yet. Throws as `readCertificateFiles`. */
export async function openHttpAgents({ network, insecure = false }: HttpClientOptions): Promise<HttpAgents> {
  const { Agent, Pool, ProxyAgent } = await import('undici');
  const { ca, ...identity } = await readCertificateFiles(network);
  const timeout = network.connectTimeout ?? CONNECT_TIMEOUT;
  const idle = network.idleTimeout ?? IDLE_TIMEOUT;
  const trust = { timeout, ...(ca !== undefined && { ca }) };
  // With authorities of its own, a context costs milliseconds to make: one for all connections.
  const connect = { timeout, ...(insecure && { rejectUnauthorized: false }), ...(await contextOf({ ...(ca !== undefined && { ca }), ...identity })) };
  const limits = { headersTimeout: idle, bodyTimeout: idle, autoSelectFamily: true };
  const agents = new Map<string | undefined, Dispatcher>();
  const make = (proxy: string | undefined): Dispatcher => proxy === undefined
    ? new Agent({ ...limits, connect })
    : new ProxyAgent({
        ...limits,
        uri: proxy,
        // The proxy gets plain requests for http:// and tunnels for the rest, as from curl; it never sees our certificate.
        proxyTunnel: false,
        proxyTls: trust,
        requestTls: connect,
        clientFactory: (origin, options) => new Pool(origin, { ...options, headersTimeout: timeout }),
      });
  return {
    for(url) {
      const proxy = proxyFor(url);
      const agent = agents.get(proxy) ?? make(proxy);
      agents.set(proxy, agent);
      return agent;
    },
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
    },
  };
}

async function contextOf(options: SecureContextOptions): Promise<{ readonly secureContext?: import('node:tls').SecureContext }> {
  if (Object.keys(options).length === 0) return {};
  const { createSecureContext } = await import('node:tls');
  return { secureContext: createSecureContext(options) };
}
