import type { JsonObject } from '../content/json.js';
import { parseJson } from '../content/json.js';
import { ImgkitError } from '../errors.js';
import type { Limits } from '../limits.js';
import type { HttpResponse } from '../network/http-client.js';
import { brokenAnswer } from './failure.js';
import { nextLink } from './link-header.js';
import type { Repository } from './repository.js';

/** More pages are not asked for: a registry that never ends would keep us forever. */
export const MOST_PAGES = 1000;

export interface PagesOptions {
  readonly repository: Repository;
  readonly path: string;
  readonly doing: string;
  readonly limits: Limits;
  readonly accept?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Default: {@link MOST_PAGES}. */
  readonly mostPages?: number | undefined;
}

/**
 * The pages of a list (OCI distribution spec, "Listing Tags", Link headers): each a JSON object of at most
 * `limits.documentBytes`. The first answer that is not 200 goes to `otherwise`. Links to another origin, in a circle or without
 * end are refused (`registry-failed`, `limit-exceeded`).
 */
export async function* readPages({ repository, path, doing, limits, accept = 'application/json', signal, mostPages = MOST_PAGES }: PagesOptions, otherwise: (response: HttpResponse) => Promise<'none'>): AsyncGenerator<{ readonly page: JsonObject; readonly headers: ReadonlyMap<string, string> }> {
  const { name } = repository.connection.address;
  const origin = await repository.connection.origin(signal);
  const seen = new Set<string>();
  let next: string | undefined = path;
  for (let pages = 0; next !== undefined; pages += 1) {
    if (pages === mostPages) throw new ImgkitError('limit-exceeded', `${name}: ${doing} has more than ${mostPages} pages, which no registry needs; is it the right one?`, { file: name });
    const response = await repository.request({ method: 'GET', path: next, headers: { accept }, signal });
    if (response.status !== 200) {
      await otherwise(response);
      return;
    }
    const page = parseJson(Buffer.from(await response.text(limits.documentBytes)), `${name}: ${doing}`, limits);
    if (!(page instanceof Map)) throw brokenAnswer(name, doing, 'the answer is no JSON object');
    yield { page: page as JsonObject, headers: response.headers };
    const link = nextLink(response.headers.get('link'));
    if (link === undefined) return;
    const target: URL | undefined = URL.canParse(link, response.url) ? new URL(link, response.url) : undefined;
    if (target?.origin !== origin) throw brokenAnswer(name, doing, 'the next page is on another origin');
    if (seen.has(target.href)) throw brokenAnswer(name, doing, 'the pages go round in a circle');
    seen.add(target.href);
    next = target.href;
  }
}
