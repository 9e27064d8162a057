import type { Dispatcher } from 'undici';
import type { HttpAgents } from './http-agents.js';
import type { HttpRequest, HttpResponse } from './http-client.js';
import { exchange } from './http-exchange.js';
import { httpResponse } from './http-response.js';
import type { NetworkOptions } from './network-options.js';
import { proxyFor } from './proxy.js';
import { limitRate } from './rate-limit.js';
import { networkError } from './system-error.js';
import { totalTimeLimit } from './time-limit.js';
import { userAgent } from './user-agent.js';

/** One request and its answer, redirects not followed. Throws as `HttpClient.request`. */
export async function sendHttp(agents: HttpAgents, network: NetworkOptions, request: HttpRequest, url: URL, headers: Readonly<Record<string, string>>): Promise<HttpResponse> {
  const proxy = proxyFor(url);
  // Without the proxy in it, a message would send its reader to look at the wrong host.
  const host = proxy === undefined ? url.host : `${url.host} (by the proxy ${new URL(proxy).host})`;
  const limit = totalTimeLimit(network.totalTimeout, request.signal, host);
  const context = { host, doing: `${request.method} ${url.pathname}`, signal: limit.signal };
  const source: SourceError = {};
  try {
    limit.signal?.throwIfAborted();
    const answer = await exchange(await agents.for(url, request.anonymous === true), {
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: request.method as Dispatcher.HttpMethod,
      headers: { 'user-agent': userAgent(), 'accept-encoding': 'identity', accept: '*/*', ...lowerCase(headers), ...lengthOf(request) },
      body: bodyOf(request, network, limit.signal, source) as Dispatcher.DispatchOptions['body'] ?? null,
    }, limit.signal);
    return httpResponse({ answer, url: url.href, context, limitRate: network.limitRate, onEnd: limit.done });
  } catch (error) {
    limit.done();
    // An error of the body's own source (a damaged blob, a full disk) is not the network's fault.
    throw source.thrown ?? networkError(error, context);
  }
}

interface SourceError {
  thrown?: unknown;
}

/** undici takes an async iterable as a body, though its types do not say so. */
function bodyOf({ body }: HttpRequest, network: NetworkOptions, signal: AbortSignal | undefined, source: SourceError): Uint8Array | AsyncIterable<Uint8Array> | undefined {
  return body === undefined || body instanceof Uint8Array ? body : limitRate(watch(body, source), network.limitRate, signal);
}

async function* watch(chunks: AsyncIterable<Uint8Array>, source: SourceError): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* chunks;
  } catch (error) {
    source.thrown = error;
    throw error;
  }
}

function lengthOf({ body, bodySize }: HttpRequest): Record<string, string> {
  return body === undefined || body instanceof Uint8Array || bodySize === undefined ? {} : { 'content-length': String(bodySize) };
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
