import type { JsonObject } from '../content/json.js';
import { parseJson } from '../content/json.js';
import { ImgkitError } from '../errors.js';
import type { Limits } from '../limits.js';
import type { HttpResponse } from '../network/http-client.js';
import { brokenAnswer } from './failure.js';
import { nextLink } from './link-header.js';
import { readAgain } from './read-again.js';
import type { Repository } from './repository.js';

/** More pages are not asked for: a registry that never ends would keep us forever. */
const MOST_PAGES = 1000;

export interface PagesOptions {
  readonly repository: Repository;
  readonly path: string;
  readonly doing: string;
  readonly limits: Limits;
  readonly accept?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Default: {@link MOST_PAGES}. */
  readonly mostPages?: number | undefined;
  /** False for an answer that is 200 and still none. Default: what is no JSON is an error. */
  readonly isAnswer?: ((response: HttpResponse) => boolean) | undefined;
}

/**
 * The pages of a list (OCI distribution spec, "Listing Tags", Link headers): each a JSON object of at most
 * `limits.documentBytes`. The first answer that is not 200, or no answer, goes to `otherwise`. Links to another origin, in a circle or without
 * end are refused (`registry-failed`, `limit-exceeded`).
 */
export async function* readPages({ repository, path: first, doing, limits, accept = 'application/json', signal, mostPages = MOST_PAGES, isAnswer = () => true }: PagesOptions, otherwise: (response: HttpResponse) => Promise<'none'>): AsyncGenerator<{ readonly page: JsonObject; readonly headers: ReadonlyMap<string, string> }> {
  const { name } = repository.connection.address;
  const origin = await repository.connection.origin(signal);
  const seen = new Set<string>();
  let next: string | undefined = first;
  for (let pages = 0; next !== undefined; pages += 1) {
    if (pages === mostPages) throw new ImgkitError('limit-exceeded', `${name}: ${doing} has more than ${mostPages} pages, which no registry needs; is it the right one?`, { file: name });
    const path = next;
    const ask = (): Promise<HttpResponse> => repository.request({ method: 'GET', path, headers: { accept }, signal });
    const { response, text } = await readAgain(repository.connection, ask, async (answer) => ({ response: answer, text: answer.status === 200 && isAnswer(answer) ? await answer.text(limits.documentBytes) : undefined }), signal);
    if (text === undefined) {
      await otherwise(response);
      return;
    }
    const page = parseJson(Buffer.from(text), `${name}: ${doing}`, limits);
    if (!(page instanceof Map)) throw brokenAnswer(name, doing, 'the answer is no JSON object');
    yield { page: page as JsonObject, headers: response.headers };
    const link = nextLink(response.headers.get('link'));
    if (link === undefined) return;
    const target: URL | undefined = URL.canParse(link, response.url) ? new URL(link, response.url) : undefined;
    // A registry behind a proxy does not know of the TLS before it.
    if (target?.protocol === 'http:' && target.host === new URL(origin).host) target.protocol = new URL(origin).protocol;
    if (target?.origin !== origin) throw brokenAnswer(name, doing, 'the next page is on another origin');
    if (seen.has(target.href)) throw brokenAnswer(name, doing, 'the pages go round in a circle');
    seen.add(target.href);
    next = target.href;
  }
}
