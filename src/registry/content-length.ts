import type { HttpResponse } from '../network/http-client.js';

/** How long a body is by its header, also where none comes with it (HEAD); undefined when nothing is said, as some proxies do. */
export function contentLength({ headers }: Pick<HttpResponse, 'headers'>): number | undefined {
  const text = headers.get('content-length') ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
