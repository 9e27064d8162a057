/** What is no bare word: a path that shows that it is one, a stream, a prefix, a URL. */
const SAYS_WHAT_IT_IS = /^(?:[./~]|-$)|^(?:docker-daemon|docker-archive|oci-archive|oci|store):|^[a-zA-Z][a-zA-Z\d+.-]*:\/\//;

/** The location that `-o` means: a bare word is a file there, also one that elsewhere is a name in the store (`app`, `app:1`). */
export function outputLocation(output: string): string {
  return SAYS_WHAT_IT_IS.test(output) ? output : `./${output}`;
}
