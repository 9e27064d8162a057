import { ImgkitError } from '../errors.js';
import type { Limits } from '../limits.js';
import { brokenAnswer } from './failure.js';
import { readPages } from './read-pages.js';
import type { Repository } from './repository.js';

/** More tags are not listed. */
const MOST_TAGS = 100_000;
const PAGE = 1000;
const TAG = /^\w[\w.-]{0,127}$/;

/**
 * Every tag of a repository, in the registry's order (OCI distribution spec, "Listing Tags"). Throws `image-not-found`,
 * `limit-exceeded` above {@link MOST_TAGS}, `registry-failed` for what is no tag.
 */
export async function listTags(repository: Repository, limits: Limits, signal?: AbortSignal, mostPages?: number): Promise<readonly string[]> {
  const doing = `listing the tags of ${repository.name}`;
  const { name } = repository.connection.address;
  const tags = new Set<string>();
  const otherwise = async (response: Parameters<Repository['failure']>[0]): Promise<never> => {
    throw await repository.failure(response, { doing, missing: { code: 'image-not-found', sentence: `${name} has no repository ${repository.path}` } });
  };
  for await (const { page } of readPages({ repository, path: `tags/list?n=${PAGE}`, doing, limits, signal, mostPages }, otherwise)) {
    const listed = page.get('tags') ?? [];
    if (!Array.isArray(listed)) throw brokenAnswer(name, doing, 'the answer holds no list of tags');
    for (const tag of listed as readonly unknown[]) {
      if (typeof tag !== 'string' || !TAG.test(tag)) throw brokenAnswer(name, doing, 'it lists something that cannot be a tag');
      tags.add(tag);
    }
    if (tags.size > MOST_TAGS) throw new ImgkitError('limit-exceeded', `${name}: ${repository.path} has more than ${MOST_TAGS} tags; name the one that you want: NAME:TAG.`, { file: name });
  }
  return [...tags];
}
