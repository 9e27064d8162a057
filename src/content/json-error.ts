import { ImgkitError, type ErrorDetails } from '../errors.js';

/** The error for a broken control document: names the document, the problem, the byte offset if known, and what to do. */
export function malformed(where: string, problem: string, details: ErrorDetails = {}): ImgkitError {
  const at = details.offset === undefined ? '' : ` at byte ${details.offset}`;
  return new ImgkitError('document-malformed', `${where}: ${problem}${at}; get a fresh copy from its source.`, { entry: where, ...details });
}

/** Any value, short and escaped enough to stand in an error sentence. */
export function quoted(value: unknown): string {
  if (value instanceof Map) return 'an object';
  if (Array.isArray(value)) return 'a list';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

/**
 * Checks the size of a document before it is parsed.
 * Throws `limit-exceeded` when it has more than `most` bytes; `limit` names the bound in `limits.ts`.
 */
export function checkDocumentSize(bytes: Uint8Array, most: number, where: string, limit: string): void {
  if (bytes.byteLength <= most) return;
  throw new ImgkitError(
    'limit-exceeded',
    `${where}: has ${bytes.byteLength} bytes, more than the ${most} allowed; raise the limit ${limit} if you trust its source.`,
    { entry: where, expected: `<= ${most}`, found: String(bytes.byteLength) },
  );
}
