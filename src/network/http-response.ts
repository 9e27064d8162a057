import { own, type LentChunk } from '../content/lent-chunk.js';
import { ImgkitError } from '../errors.js';
import type { HttpResponse } from './http-client.js';
import type { Exchange } from './http-exchange.js';
import { limitRate } from './rate-limit.js';
import { redactUrl } from './redact-url.js';
import { networkError, type NetworkErrorContext } from './system-error.js';

/** Of a body that nobody wants, so much is read to keep the connection; more, and it is closed. */
const DRAINED = 128 * 1024;
const TEXT = 1024 * 1024;

/** What a response is made of. */
export interface ResponseParts {
  readonly answer: Exchange;
  readonly url: string;
  readonly context: NetworkErrorContext;
  readonly limitRate: number | undefined;
  /** Called once, when the body has ended in whatever way. */
  readonly onEnd: () => void;
}

/** A response whose body fails in this project's words. */
export function httpResponse({ answer, url, context, limitRate: rate, onEnd }: ResponseParts): HttpResponse {
  const lentBody = bodyOf(answer, context, rate, onEnd);
  return {
    status: answer.status,
    headers: new Map(Object.entries(answer.headers).map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value ?? ''])),
    url,
    body: owned(lentBody),
    lentBody,
    async text(maxBytes = TEXT) {
      const chunks: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of lentBody) {
        size += chunk.length;
        if (size > maxBytes) throw new ImgkitError('limit-exceeded', `${redactUrl(url)}: the answer is longer than ${maxBytes} bytes; is this the right server?`, { file: redactUrl(url) });
        chunks.push(own(chunk));
      }
      return Buffer.concat(chunks).toString('utf8');
    },
    async discard() {
      await answer.dump(DRAINED);
      onEnd();
    },
  };
}

async function* bodyOf(answer: Exchange, context: NetworkErrorContext, rate: number | undefined, onEnd: () => void): AsyncGenerator<LentChunk, void, undefined> {
  try {
    yield* limitRate(answer, rate, context.signal);
  } catch (error) {
    throw networkError(error, context);
  } finally {
    answer.destroy();
    onEnd();
  }
}

async function* owned(chunks: AsyncIterable<LentChunk>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) yield own(chunk);
}
