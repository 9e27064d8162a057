import { base64Lines, decodeBase64 } from './base64-strict.js';

/** One PEM-like block: what its label says, and its bytes. */
export interface PemBlock {
  readonly label: string;
  readonly bytes: Uint8Array;
}

/** No key is longer; the expression below needs stack for each line. */
const MOST_TEXT = 1024 * 1024;

/** Text around `bytes` as OpenSSH, cosign and openssl write it. */
export function encodePem(label: string, bytes: Uint8Array, width = 64): string {
  return `-----BEGIN ${label}-----\n${base64Lines(bytes, width)}-----END ${label}-----\n`;
}

/**
 * The one block that `text` holds, without headers inside it; undefined when it is anything else. Strict: nothing before or
 * after the block but one line end, all lines but the last of one length (at most 76), base64 in its canonical form.
 */
export function decodePem(text: string): PemBlock | undefined {
  if (text.length > MOST_TEXT) return undefined;
  const match = /^-----BEGIN ([A-Z0-9 ]{1,60})-----\r?\n((?:[A-Za-z0-9+/=]{1,76}\r?\n)+)-----END \1-----(?:\r?\n)?$/.exec(text);
  if (match === null) return undefined;
  const lines = (match[2] as string).trimEnd().split(/\r?\n/);
  const width = (lines[0] as string).length;
  if (lines.some((line, i) => (i < lines.length - 1 ? line.length !== width : line.length > width))) return undefined;
  const bytes = decodeBase64(lines.join(''));
  return bytes === undefined ? undefined : { label: match[1] as string, bytes };
}
