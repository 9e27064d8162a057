import { ImgkitError } from '../errors.js';
import { openHttpAgents } from './http-agents.js';
import type { HttpClient, HttpClientOptions } from './http-client.js';
import { headersAfterRedirect, redirectTarget, tooManyRedirects } from './http-redirect.js';
import { sendHttp } from './http-send.js';

const REDIRECTS = 5;

/**
 * Opens an HTTP client; it connects with its first request. Certificates verify against the system's authorities and
 * `network.ca`; proxies come from the environment; `network`'s time-outs and rate apply to each request. Close it when done.
 * Throws `file-not-found`, `key-malformed`, `key-exposed`, `key-refused` and `usage` for the files that `network` names.
 */
export async function createHttpClient(options: HttpClientOptions): Promise<HttpClient> {
  const agents = await openHttpAgents(options);
  return {
    async request(request) {
      const most = request.redirects ?? REDIRECTS;
      let url = parse(request.url);
      const named = url.origin;
      let headers = request.headers ?? {};
      for (let followed = 0; ; followed += 1) {
        const response = await sendHttp(agents, options.network, { ...request, anonymous: request.anonymous === true || url.origin !== named }, url, headers);
        if (most === 0 || !/^(?:GET|HEAD)$/.test(request.method)) return response;
        const target = await orDiscard(response, () => redirectTarget(response.status, response.headers.get('location'), url));
        if (target === undefined) return response;
        await response.discard();
        if (followed === most) throw tooManyRedirects(request.url, most);
        headers = headersAfterRedirect(headers, url, target);
        url = target;
      }
    },
    close: () => agents.close(),
  };
}

async function orDiscard<T>(response: { discard(): Promise<void> }, decide: () => T): Promise<T> {
  try {
    return decide();
  } catch (error) {
    await response.discard();
    throw error;
  }
}

function parse(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw new ImgkitError('location-invalid', 'A URL is malformed: it should begin with http:// or https:// and a host.');
  // Who wants to log in sends a header; a user in the URL is not one.
  url.username = '';
  url.password = '';
  return url;
}
