/** The target of the `next` link of a Link header (RFC 8288), as it stands; undefined when there is none. */
export function nextLink(header: string | undefined): string | undefined {
  for (const match of (header ?? '').slice(0, 16_384).matchAll(/<([^<>]*)>([^<]*)/g)) {
    const [, target = '', parameters = ''] = match;
    if (/;\s*rel\s*=\s*(?:"[^"]*\bnext\b[^"]*"|next\b)/i.test(parameters)) return target;
  }
  return undefined;
}
