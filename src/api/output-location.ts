import { ImgkitError } from '../errors.js';

/** What is no file, whatever file there is. */
const ELSEWHERE = /^(?:docker-daemon|docker-archive|oci-archive|oci|store):|^[a-zA-Z][a-zA-Z\d+.-]*:\/\//;

/** What is no bare word: a path that shows that it is one, a stream, a prefix, a URL. */
const SAYS_WHAT_IT_IS = new RegExp(`^(?:[./~]|-$)|${ELSEWHERE.source}`);

/** The location that `-o` means: a bare word is a file there, also one that elsewhere is a name in the store (`app`, `app:1`). */
export function outputLocation(output: string): string {
  return SAYS_WHAT_IT_IS.test(output) ? output : `./${output}`;
}

/** Refuses as a file what is a location of another kind: it became a file called `store:x`. What may be secret in it is not repeated. Throws `usage`. */
export function requireFileName(output: string): void {
  const [start] = ELSEWHERE.exec(output) ?? [];
  if (start === undefined) return;
  throw new ImgkitError('usage', `The output is a file here, and ${start} begins another kind of location; write a file, which imgkit send brings to hosts, or ./${start}... for one that is called so.`, { found: start });
}
