import { decodeBase64 } from '../keys/base64-strict.js';
import type { Malformed } from './packets.js';

const BLOCK = /^-----BEGIN PGP ([A-Z ]{1,40})-----$/;
const HEADER = /^[A-Za-z]{1,20}: .{0,200}$/;

/** True for text that says it is OpenPGP in base64. */
export function isArmored(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 256)).toString('latin1').includes('-----BEGIN PGP ');
}

/**
 * The bytes of all blocks of `label` in armored text (RFC 9580, section 6.2), one after the other: files of several keys are such text.
 * Text between blocks is passed over, as by gpg. The checksum is not: it protects nothing, and newer tools leave it out.
 */
export function decodeArmor(bytes: Uint8Array, label: string, malformed: Malformed): Uint8Array {
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1').split('\n').map((line) => line.trimEnd());
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const found = BLOCK.exec(lines[at] as string)?.[1];
    if (found === undefined) continue;
    if (found !== label) throw malformed(`holds a PGP ${found} where a PGP ${label} is needed`);
    const end = lines.indexOf(`-----END PGP ${label}-----`, at);
    if (end === -1) throw malformed('ends within its armor');
    blocks.push(decodeBlock(lines.slice(at + 1, end), malformed));
    at = end;
  }
  if (blocks.length === 0) throw malformed(`holds no PGP ${label}`);
  return Buffer.concat(blocks);
}

function decodeBlock(lines: readonly string[], malformed: Malformed): Uint8Array {
  const blank = lines.indexOf('');
  const start = blank !== -1 && lines.slice(0, blank).every((line) => HEADER.test(line)) ? blank + 1 : 0;
  const body = lines.slice(start).filter((line) => line !== '');
  const last = body.at(-1);
  const text = (last !== undefined && /^=[A-Za-z0-9+/]{4}$/.test(last) ? body.slice(0, -1) : body).join('');
  const decoded = decodeBase64(text);
  if (decoded === undefined || decoded.length === 0) throw malformed('has armor that is no base64');
  return decoded;
}
