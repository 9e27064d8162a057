import type { SecureContext } from 'node:tls';
import type { Dispatcher } from 'undici';
import { readCertificateFiles, type CertificateFiles } from './certificate-files.js';
import type { HttpClientOptions } from './http-client.js';
import { proxyFor } from './proxy.js';
import { CONNECT_TIMEOUT, IDLE_TIMEOUT } from './time-limit.js';
import { trustContext } from './trust-context.js';

/** Connections, straight and through proxies, kept for the next request. */
export interface HttpAgents {
  for(url: URL): Dispatcher;
  close(): Promise<void>;
}

/** Reads the certificate files and prepares connections; none is made yet. Throws as `readCertificateFiles`. */
export async function openHttpAgents({ network, insecure = false }: HttpClientOptions): Promise<HttpAgents> {
  const { Agent, Pool, ProxyAgent } = await import('undici');
  const files = await readCertificateFiles(network);
  const timeout = network.connectTimeout ?? CONNECT_TIMEOUT;
  const idle = network.idleTimeout ?? IDLE_TIMEOUT;
  const connect = { timeout, ...(insecure && { rejectUnauthorized: false }), ...contextOf(files) };
  const limits = { headersTimeout: idle, bodyTimeout: idle, autoSelectFamily: true };
  const agents = new Map<string | undefined, Dispatcher>();
  const make = (proxy: string | undefined): Dispatcher => proxy === undefined
    ? new Agent({ ...limits, connect })
    : new ProxyAgent({
        ...limits,
        uri: proxy,
        // The proxy gets plain requests for http:// and tunnels for the rest, as from curl; it never sees our certificate.
        proxyTunnel: false,
        proxyTls: { timeout, ...contextOf(files.ca === undefined ? {} : { ca: files.ca }) },
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

/** Nothing where nothing was named: then connections share the default. */
function contextOf(files: CertificateFiles): { readonly secureContext?: SecureContext } {
  return Object.keys(files).length === 0 ? {} : { secureContext: trustContext(files) };
}
