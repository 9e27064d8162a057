import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { Dispatcher, Pool } from 'undici';
import { readCertificateFiles, type CertificateFiles } from './certificate-files.js';
import { cipherOrder } from './cipher-order.js';
import type { HttpClientOptions } from './http-client.js';
import { keepAlert } from './keep-alert.js';
import { awaitAnswer } from './late-answer.js';
import { lendingConnector } from './lending-connector.js';
import { loadAgent } from './load-agent.js';
import { proxyFor } from './proxy.js';
import { spareParserOf } from './spare-parser.js';
import { CONNECT_TIMEOUT, IDLE_TIMEOUT } from './time-limit.js';
import { trustContext } from './trust-context.js';

/** Connections, straight and through proxies, kept for the next request. */
export interface HttpAgents {
  /** `anonymous`: without the client certificate. */
  for(url: URL, anonymous: boolean): Promise<Dispatcher>;
  close(): Promise<void>;
}

/** Reads the certificate files and prepares connections; none is made yet. Throws as `readCertificateFiles`. */
export async function openHttpAgents({ network, insecure = false }: HttpClientOptions): Promise<HttpAgents> {
  const files = await readCertificateFiles(network);
  const timeout = network.connectTimeout ?? CONNECT_TIMEOUT;
  const idle = network.idleTimeout ?? IDLE_TIMEOUT;
  const nobody: CertificateFiles = files.ca === undefined ? {} : { ca: files.ca };
  // Who believes anybody needs no authorities; to read its own takes Node 40 ms.
  const connectAs = (identity: CertificateFiles): { readonly timeout: number; readonly ciphers?: string; readonly secureContext?: SecureContext } => ({ timeout, ...(insecure && { rejectUnauthorized: false, ca: [] }), ...contextOf(identity) });
  const limits = { headersTimeout: idle, bodyTimeout: idle, autoSelectFamily: true };
  const connecting = new Set<Socket>();
  const straight = async (identity: CertificateFiles): Promise<Dispatcher> => {
    const { Agent, buildConnector } = await loadAgent();
    return new Agent({ ...limits, connect: lendingConnector(buildConnector, { ...connectAs(identity), autoSelectFamily: true }, connecting) });
  };
  const through = async (uri: string, identity: CertificateFiles): Promise<Dispatcher> => {
    const { Pool, ProxyAgent } = await import('undici');
    return new ProxyAgent({
      ...limits,
      uri,
      // The proxy gets plain requests for http:// and tunnels for the rest, as from curl; it never sees our certificate.
      proxyTunnel: false,
      proxyTls: { timeout, ...contextOf(nobody) },
      requestTls: connectAs(identity),
      clientFactory: (origin, options) => new Pool(origin, { ...options, headersTimeout: timeout }),
      factory: (origin, options) => new Pool(origin, sparing(options)),
    });
  };
  const agents = new Map<string, Promise<Dispatcher>>();
  return {
    for(url, anonymous) {
      const proxy = proxyFor(url);
      const identity = anonymous ? nobody : files;
      // Without a certificate everybody is served alike, by the same connections.
      const key = `${anonymous && files.cert !== undefined ? 'anonymous' : ''} ${proxy ?? ''}`;
      const agent = agents.get(key) ?? (proxy === undefined ? straight(identity) : through(proxy, identity));
      agents.set(key, agent);
      return agent;
    },
    async close() {
      await Promise.all([...agents.values()].map(async (agent) => (await agent).destroy()));
      for (const socket of connecting) socket.destroy();
    },
  };
}

/** Where nothing was named, connections share the default authorities. */
function contextOf(files: CertificateFiles): { readonly ciphers?: string; readonly secureContext?: SecureContext } {
  return Object.keys(files).length === 0 ? cipherOrder() : { secureContext: trustContext(files) };
}

/** Options of a pool whose sockets keep what would break undici's parser from it. */
function sparing(options: Pool.Options): Pool.Options {
  const { connect } = options;
  if (typeof connect !== 'function') return options;
  return {
    ...options,
    connect: (target, callback) => connect(target, (...[error, socket]) => {
      if (error !== null) return callback(error, null);
      keepAlert(socket);
      awaitAnswer(socket);
      spareParserOf(socket);
      callback(null, socket);
    }),
  };
}
