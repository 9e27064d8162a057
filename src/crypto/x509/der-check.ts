import { ImgkitError, type ErrorCode } from '../../errors.js';
import { DER_LIMITS } from '../../limits.js';

/** Whose bytes they are, and the code of the error when they are broken. */
export interface DerContext {
  readonly where: string;
  readonly code: ErrorCode;
}

/** The place of one element: its identifier octet, where it starts, where its content starts and ends. */
export interface DerHeader {
  readonly tag: number;
  readonly start: number;
  readonly body: number;
  readonly end: number;
}

/** The error for DER that is none: names the file, the problem and the byte. */
export function derFault(context: DerContext, problem: string, offset?: number): ImgkitError {
  const at = offset === undefined ? '' : ` at byte ${offset}`;
  return new ImgkitError(context.code, `${context.where}: ${problem}${at}; get a fresh copy from its source.`, { file: context.where, offset });
}

/**
 * Reads the header at `at` (X.690 8.1, with the restrictions of section 10): one identifier octet, a definite length in its
 * shortest form, and an end within `limit`. Throws the error of `context`.
 */
export function readDerHeader(bytes: Uint8Array, at: number, limit: number, context: DerContext): DerHeader {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined || at + 2 > limit) throw derFault(context, 'is cut short: a DER element has no header', at);
  if ((tag & 0x1f) === 0x1f) throw derFault(context, 'has a DER tag of several bytes, which nothing here uses', at);
  if (tag === 0) throw derFault(context, 'has a DER element of type 0', at);
  let body = at + 2;
  let length = first;
  if (first >= 0x80) {
    const count = first - 0x80;
    if (count === 0) throw derFault(context, 'has an indefinite length, which is BER and not DER (do not sign with -stream)', at);
    if (count > 4) throw derFault(context, 'has a DER length of more than four bytes', at);
    length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + (bytes[body + i] ?? 0);
    body += count;
    if (length < 0x80 || length < 256 ** (count - 1)) throw derFault(context, 'has a DER length that is not in its shortest form', at);
  }
  const end = body + length;
  if (end > limit) throw derFault(context, `has a DER element of ${length} bytes that ends outside of what holds it`, at);
  return { tag, start: at, body, end };
}

/**
 * Proves that `bytes` are exactly one DER element, down to the last one inside, without recursion and without building
 * anything: what is deep, huge or ambiguous is refused before it is parsed. `most` bounds the bytes.
 */
export function checkDer(bytes: Uint8Array, context: DerContext, most: number): void {
  if (bytes.length > most) {
    throw new ImgkitError('limit-exceeded', `${context.where}: has ${bytes.length} bytes, more than the ${most} that such a file may have; check which file it is.`, { file: context.where, expected: `<= ${most}`, found: String(bytes.length) });
  }
  const outer = readDerHeader(bytes, 0, bytes.length, context);
  if (outer.end !== bytes.length) throw derFault(context, `has ${bytes.length - outer.end} bytes after its end`, outer.end);
  const ends: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    const header = readDerHeader(bytes, at, ends.at(-1) ?? bytes.length, context);
    checkForm(bytes, header, context);
    if ((header.tag & 0x20) === 0 || header.body === header.end) {
      at = header.end;
    } else {
      if (ends.length >= DER_LIMITS.depth) {
        throw new ImgkitError('limit-exceeded', `${context.where}: is nested deeper than ${DER_LIMITS.depth} levels at byte ${at}; nothing real is, get a fresh copy from its source.`, { file: context.where, offset: at });
      }
      ends.push(header.end);
      at = header.body;
    }
    while (ends.at(-1) === at) ends.pop();
  }
}

/** The rules of DER for universal types, so that one value has one encoding. */
function checkForm(bytes: Uint8Array, { tag, start, body, end }: DerHeader, context: DerContext): void {
  if (tag >= 0x40) return;
  const type = tag & 0x1f;
  if ((type === 0x10 || type === 0x11) !== ((tag & 0x20) !== 0)) throw derFault(context, 'has a DER element in a form that its type does not allow', start);
  const first = bytes[body] ?? 0;
  const size = end - body;
  switch (tag) {
    case 0x01:
      if (size !== 1 || (first !== 0 && first !== 0xff)) throw derFault(context, 'has a truth value that is neither 00 nor FF', start);
      return;
    case 0x02:
    case 0x0a: {
      const second = bytes[body + 1] ?? 0;
      if (size === 0 || (size > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80)))) throw derFault(context, 'has a number that is not in its shortest form', start);
      return;
    }
    case 0x03:
      if (size === 0 || first > 7 || (size === 1 && first !== 0) || ((bytes[end - 1] ?? 0) & ((1 << first) - 1) && size > 1)) throw derFault(context, 'has a malformed bit string', start);
      return;
    case 0x05:
      if (size !== 0) throw derFault(context, 'has a NULL with content', start);
      return;
    case 0x06:
      if (size === 0 || (bytes[end - 1] ?? 0) >= 0x80) throw derFault(context, 'has a malformed object identifier', start);
  }
}
