/** A strong entity tag (RFC 9110, section 8.8.3), quotes included; undefined for a weak one, which says nothing of bytes, or for none. */
export function strongTag(text: string | undefined): string | undefined {
  return text !== undefined && /^"[\u0021\u0023-\u007e\u0080-\u00ff]{1,1024}"$/.test(text) ? text : undefined;
}
