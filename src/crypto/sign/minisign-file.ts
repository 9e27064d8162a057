import { ImgkitError } from '../../errors.js';
import { decodeBase64 } from '../keys/base64-strict.js';
import { checkedComment, isMinisignFile, minisignLines, untrustedLines } from '../keys/minisign-comment.js';

/** `ED`: over the BLAKE2b-512 of the document. `Ed`: over the document itself, the old way. */
export const MINISIGN = { prehashed: 'ED', legacy: 'Ed' } as const;

const TRUSTED = 'trusted comment: ';

/** The parts of a `.minisig` file. */
export interface MinisignFile {
  readonly algorithm: (typeof MINISIGN)[keyof typeof MINISIGN];
  /** Eight bytes: which key. */
  readonly id: Uint8Array;
  readonly signature: Uint8Array;
  /** Protected by the global signature; by convention `timestamp:SECONDS`, tab, `file:NAME`. */
  readonly trustedComment: string;
  /** Over the signature and the trusted comment. */
  readonly globalSignature: Uint8Array;
}

export function encodeMinisignFile(file: MinisignFile, untrustedComment: string): Uint8Array {
  const first = Buffer.concat([Buffer.from(file.algorithm), file.id, file.signature]);
  return Buffer.from(`${untrustedLines(untrustedComment, first)}${TRUSTED}${checkedComment(file.trustedComment)}\n${Buffer.from(file.globalSignature).toString('base64')}\n`);
}

/** Reads a signature file: exactly its four lines. Throws `signature-malformed`. */
export function decodeMinisignFile(file: Uint8Array, name: string): MinisignFile {
  const malformed = (problem: string): ImgkitError => new ImgkitError('signature-malformed', `${name}: the minisign signature ${problem}; get it again from the sender.`, { file: name });
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(file);
  } catch {
    throw malformed('is not UTF-8 text');
  }
  const lines = minisignLines(text);
  const [untrusted = '', first = '', trusted = '', second = ''] = lines;
  if (lines.length !== 4 || !isMinisignFile(untrusted) || !trusted.startsWith(TRUSTED)) throw malformed('does not have its four lines');
  const [head, globalSignature] = [decodeBase64(first), decodeBase64(second)];
  if (head?.length !== 74 || globalSignature?.length !== 64) throw malformed('is damaged or cut');
  const algorithm = Buffer.from(head.subarray(0, 2)).toString('latin1');
  if (algorithm !== MINISIGN.prehashed && algorithm !== MINISIGN.legacy) throw malformed('is by an unknown algorithm');
  const trustedComment = trusted.slice(TRUSTED.length);
  if (/\p{Cc}/u.test(trustedComment.replaceAll('\t', ''))) throw malformed('has control characters in its comment');
  return { algorithm, id: head.subarray(2, 10), signature: head.subarray(10), trustedComment, globalSignature };
}
