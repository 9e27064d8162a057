import type { Dispatcher } from 'undici';
import { ImgkitError } from '../errors.js';
import type { HttpResponse } from './http-client.js';
import { limitRate } from './rate-limit.js';
import { redactUrl } from './redact-url.js';
import { networkError, type NetworkErrorContext } from './system-error.js';

/** Of a body that nobody wants, so much is read to keep the connection; more, and it is closed. */
const DRAINED = 128 * 1024;
const TEXT = 1024 * 1024;

/** What a response is made of. */
export interface ResponseParts {
  readonly data: Dispatcher.ResponseData;
  readonly url: string;
  readonly context: NetworkErrorContext;
  readonly limitRate: number | undefined;
  /** Called once, when the body has ended in whatever way. */
  readonly onEnd: () => void;
}

/** A response whose body fails in this project's words. */
export function httpResponse({ data, url, context, limitRate: rate, onEnd }: ResponseParts): HttpResponse {
  const body = bodyOf(data, context, rate, onEnd);
  return {
    status: data.statusCode,
    headers: new Map(Object.entries(data.headers).map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value ?? ''])),
    url,
    body,
    async text(maxBytes = TEXT) {
      const chunks: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of body) {
        size += chunk.length;
        if (size > maxBytes) throw new ImgkitError('limit-exceeded', `${redactUrl(url)}: the answer is longer than ${maxBytes} bytes; is this the right server?`, { file: redactUrl(url) });
        chunks.push(chunk);
      }
      return Buffer.concat(chunks).toString('utf8');
    },
    async discard() {
      try {
        await data.body.dump({ limit: DRAINED });
      } catch {
        // A connection that broke is as good as closed.
      } finally {
        onEnd();
      }
    },
  };
}

async function* bodyOf({ body }: Dispatcher.ResponseData, context: NetworkErrorContext, rate: number | undefined, onEnd: () => void): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* limitRate(body as AsyncIterable<Uint8Array>, rate, context.signal);
  } catch (error) {
    throw networkError(error, context);
  } finally {
    body.destroy();
    onEnd();
  }
}
