import { malformedAge } from './malformed.js';
import { decodeBase64, encodeBase64 } from './base64.js';
import { ImgkitError } from '../../../errors.js';
import { AGE_LIMITS } from '../../../limits.js';
import { headerMac } from './key-schedule.js';
import { decodeStanzaLine, decodeStanzaStart, encodeStanza, type Stanza } from './stanza.js';

/** The first line of every age file. */
const VERSION_LINE = 'age-encryption.org/v1';
const MAC_CHARS = 43;

/** A header that follows the grammar; its MAC is not checked yet. */
export interface AgeHeader {
  readonly stanzas: readonly Stanza[];
  readonly mac: Uint8Array;
  /** What the MAC is over. */
  readonly signed: Uint8Array;
}

/** The bytes of a header for `stanzas`, with its MAC. */
export function encodeHeader(stanzas: readonly Stanza[], fileKey: Uint8Array): Buffer {
  const signed = Buffer.from(`${VERSION_LINE}\n${stanzas.map(encodeStanza).join('')}---`, 'latin1');
  return Buffer.concat([signed, Buffer.from(` ${encodeBase64(headerMac(fileKey, signed))}\n`, 'latin1')]);
}

/**
 * Parses a header, one line after the other (C2SP age.md, "Header"): strict grammar, canonical base64, at least one stanza,
 * `scrypt` only alone. `next` gives lines without their ends. Throws `ciphertext-malformed`, naming `name`.
 */
export async function parseHeader(next: () => Promise<string>, name: string): Promise<AgeHeader> {
  const version = await next();
  if (version !== VERSION_LINE) {
    if (version.startsWith('age-encryption.org/')) throw malformedAge(name, 'its first line names a version of age that is not supported');
    throw new ImgkitError('ciphertext-malformed', `${name}: is no age file: it does not begin with the line "${VERSION_LINE}". It is not encrypted, or its first bytes were changed.`, { file: name });
  }
  const stanzas: Stanza[] = [];
  let signed = `${VERSION_LINE}\n`;
  for (;;) {
    const line = await next();
    if (line.startsWith('---')) return finish(line, stanzas, `${signed}---`, name);
    const start = decodeStanzaStart(line);
    if (start === undefined) throw malformedAge(name, `line ${lineNumber(signed)} of its header is neither a recipient nor the end of the header`);
    if (stanzas.length === AGE_LIMITS.recipients) throw malformedAge(name, `its header names more than ${AGE_LIMITS.recipients} recipients`);
    signed += `${line}\n`;
    const body: Uint8Array[] = [];
    for (let last = false; !last;) {
      const text = await next();
      const part = decodeStanzaLine(text);
      if (part === undefined) throw malformedAge(name, `line ${lineNumber(signed)} of its header is no canonical base64`);
      signed += `${text}\n`;
      body.push(part.bytes);
      last = part.last;
    }
    stanzas.push({ ...start, body: Buffer.concat(body) });
  }
}

function finish(line: string, stanzas: readonly Stanza[], signed: string, name: string): AgeHeader {
  const text = /^--- ([A-Za-z0-9+/]+)$/.exec(line)?.[1] ?? '';
  const mac = text.length === MAC_CHARS ? decodeBase64(text) : undefined;
  if (mac === undefined) throw malformedAge(name, 'the last line of its header is malformed');
  if (stanzas.length === 0) throw malformedAge(name, 'its header names no recipient');
  if (stanzas.length > 1 && stanzas.some(({ type }) => type === 'scrypt')) throw malformedAge(name, 'its header mixes a passphrase with other recipients, which proves nothing about who made it');
  return { stanzas, mac, signed: Buffer.from(signed, 'latin1') };
}

function lineNumber(text: string): number {
  return text.split('\n').length;
}
