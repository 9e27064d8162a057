/**
 * A URL as people may see it: without user, password and fragment, and with `?…` in place of a query, which may be a
 * signature that opens the door (presigned URLs). What is no URL becomes `(malformed URL)`.
 */
export function redactUrl(url: string | URL): string {
  if (typeof url === 'string' && !URL.canParse(url)) return '(malformed URL)';
  const { protocol, host, pathname, search } = new URL(url);
  return `${protocol}//${host}${pathname}${search === '' ? '' : '?…'}`;
}
