import { ImgkitError } from '../../errors.js';
import { decodeBase64 } from './base64-strict.js';
import { readSshPublicKey, type SshPublicKey } from './ssh-public-key.js';
import { SshReader } from './ssh-wire.js';

/** What a line such as `ssh-ed25519 AAAA... comment` says. */
export interface SshPublicLine {
  readonly type: string;
  readonly blob: Uint8Array;
  /** Undefined for a type that signs nothing here. */
  readonly key: SshPublicKey | undefined;
  readonly comment: string;
}

/**
 * Reads a public key as it stands in `.pub` files, and at the end of lines of other files. Throws `key-malformed`, naming
 * `where`, when it is no key or when the type in its encoding is another than the line says.
 */
export function parseSshPublicLine(line: string, where: string): SshPublicLine {
  const malformed = (problem: string): ImgkitError =>
    new ImgkitError('key-malformed', `${where}: the public key ${problem}; it must read "TYPE BASE64 COMMENT", as in a .pub file of ssh-keygen.`, { file: where });
  const match = /^([a-z0-9@.-]{1,80})[ \t]+([A-Za-z0-9+/=]+)(?:[ \t]+(.*))?$/.exec(line);
  const blob = decodeBase64(match?.[2] ?? '');
  if (match === null || blob === undefined || blob.length === 0) throw malformed('is none');
  const type = match[1] as string;
  if (new SshReader(blob, malformed).name() !== type) throw malformed('is of another type than the line says');
  return { type, blob, key: readSshPublicKey(blob, malformed), comment: (match[3] ?? '').trim() };
}

/** The line for a public key, without its end. */
export function formatSshPublicLine(type: string, blob: Uint8Array, comment: string): string {
  const line = `${type} ${Buffer.from(blob).toString('base64')}`;
  return comment === '' ? line : `${line} ${comment}`;
}
