import { inflateRawSync, inflateSync } from 'node:zlib';
import { OPENPGP_LIMITS } from '../../limits.js';
import { isArmored } from './armor.js';
import { PACKET, readPackets, type Malformed, type OpenpgpPacket } from './packets.js';

/** A document, and one signature over it: not verified. */
export interface SignedMessage {
  /** The body of the signature packet, of version 4. */
  readonly signature: Uint8Array;
  /** The key ID that announces the signature; undefined when nothing does. */
  readonly announced: Uint8Array | undefined;
  readonly content: Uint8Array;
}

/** More than a signed message has, so that one of several signatures is told as that. */
const MOST_PACKETS = 8;
/** The document, its signature, and what goes before each. */
const MOST_DECOMPRESSED = OPENPGP_LIMITS.documentBytes + OPENPGP_LIMITS.signaturePacketBytes + 1024;
const COMPRESSION = { raw: 1, zlib: 2, bzip2: 3 } as const;
/** A signature packet of version 4: version, type, algorithm of the key, hash. */
const VERSION = 4;
const ONE_PASS_BYTES = 13;

/** True for what is OpenPGP rather than a signature of another kind, which all begin with text or with DER. */
export function isGpgMessage(bytes: Uint8Array): boolean {
  return ((bytes[0] ?? 0) & 0x80) !== 0 || isArmored(bytes);
}

/** True for what begins as a signature of GPG does, detached or with what it signs, in text armor or not. */
export function isGpgSignature(bytes: Uint8Array): boolean {
  const first = bytes[0] ?? 0;
  const tag = (first & 0x40) === 0 ? (first & 0x3c) >> 2 : first & 0x3f;
  return isArmored(bytes) || ((first & 0x80) !== 0 && [PACKET.signature, PACKET.onePass, PACKET.compressed].some((each) => each === tag));
}

/**
 * Takes a signed message apart (RFC 9580, section 10.3), as `gpg --sign` and skopeo make it: one signature over one document, not armored,
 * possibly compressed. Nothing else may be in it: two readers could take two parts for what was signed. Bounded in size, also
 * when it is decompressed. Throws what `malformed` makes.
 */
export function readSignedMessage(bytes: Uint8Array, malformed: Malformed): SignedMessage {
  if (isArmored(bytes)) throw malformed('is in text armor, where the bytes themselves are needed; convert it with gpg --dearmor');
  const outer = readPackets(bytes, { packets: MOST_PACKETS, malformed });
  const [first] = outer;
  const packets = first?.tag === PACKET.compressed && outer.length === 1 ? readPackets(decompress(first.body, malformed), { packets: MOST_PACKETS, malformed }) : outer;
  const [signature, literal, announced] = signatureAndLiteral(packets, malformed);
  if (signature.length > OPENPGP_LIMITS.signaturePacketBytes) throw malformed(`has a signature of more than ${OPENPGP_LIMITS.signaturePacketBytes} bytes`);
  if (signature[0] !== VERSION) throw malformed(`is of version ${signature[0] ?? 'unknown'}; version ${VERSION} is needed`);
  return { signature, announced, content: contentOf(literal, malformed) };
}

function signatureAndLiteral(packets: readonly OpenpgpPacket[], malformed: Malformed): readonly [signature: Uint8Array, literal: Uint8Array, announced?: Uint8Array] {
  const [a, b, c] = packets.map(({ body }) => body) as [Uint8Array?, Uint8Array?, Uint8Array?];
  switch (packets.map(({ tag }) => tag).join(' ')) {
    case `${PACKET.signature} ${PACKET.literal}`:
      return [a as Uint8Array, b as Uint8Array];
    case `${PACKET.onePass} ${PACKET.literal} ${PACKET.signature}`:
      checkAnnouncement(a as Uint8Array, c as Uint8Array, malformed);
      return [c as Uint8Array, b as Uint8Array, (a as Uint8Array).subarray(4, 12)];
    case `${PACKET.literal}`:
      throw malformed('is not signed');
    case `${PACKET.signature}`:
      throw malformed('is a detached signature; what is needed holds what was signed: gpg --sign, not --detach-sign');
    default:
      throw malformed(packets.filter(({ tag }) => tag === PACKET.signature).length > 1 ? 'holds several signatures; put each into a file of its own' : 'is no signed message');
  }
}

/** What announces the signature says what the signature says: readers that go by the one see no other than those who go by the other. */
function checkAnnouncement(announced: Uint8Array, signature: Uint8Array, malformed: Malformed): void {
  const [version, type, hash, key] = announced;
  const agrees = announced.length === ONE_PASS_BYTES && version === 3 && type === signature[1] && key === signature[2] && hash === signature[3] && announced[ONE_PASS_BYTES - 1] === 1;
  if (!agrees) throw malformed('announces another signature than it holds');
}

/** Behind format, file name and time, which nothing protects and nobody uses. */
function contentOf(literal: Uint8Array, malformed: Malformed): Uint8Array {
  const start = 2 + (literal[1] ?? 0) + 4;
  if (literal.length < start) throw malformed('ends within its document');
  if (literal.length - start > OPENPGP_LIMITS.documentBytes) throw malformed(`holds a document of more than ${OPENPGP_LIMITS.documentBytes} bytes`);
  return literal.subarray(start);
}

function decompress(body: Uint8Array, malformed: Malformed): Uint8Array {
  const data = body.subarray(1);
  const options = { maxOutputLength: MOST_DECOMPRESSED, info: true } as const;
  switch (body[0]) {
    case COMPRESSION.raw:
    case COMPRESSION.zlib:
      try {
        const { buffer, engine } = (body[0] === COMPRESSION.raw ? inflateRawSync : inflateSync)(data, options) as unknown as { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };
        if (engine.bytesWritten !== data.length) throw malformed('has something behind its compressed part');
        return buffer;
      } catch (error) {
        const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
        if (code === 'ERR_BUFFER_TOO_LARGE') throw malformed(`is larger than ${MOST_DECOMPRESSED} bytes when it is decompressed`, error);
        if (code === undefined || !/^(?:Z_|ERR_)/.test(code)) throw error;
        throw malformed('cannot be decompressed', error);
      }
    case COMPRESSION.bzip2:
      throw malformed('is compressed with bzip2, which is not read here; sign again with gpg --compress-algo none');
    default:
      throw malformed('is compressed in a way that is not known');
  }
}
