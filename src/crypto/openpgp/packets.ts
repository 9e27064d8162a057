import type { ImgkitError } from '../../errors.js';

/** One packet: what it is (RFC 9580, section 5), and its contents. */
export interface OpenpgpPacket {
  readonly tag: number;
  readonly body: Uint8Array;
}

/** Tags of the packets that are looked at here. */
export const PACKET = { signature: 2, onePass: 4, secretKey: 5, publicKey: 6, compressed: 8, literal: 11, userId: 13, publicSubkey: 14 } as const;

/** Makes the error for bytes that are no packets, from the end of a sentence. */
export type Malformed = (problem: string, cause?: unknown) => ImgkitError;

export interface PacketBounds {
  /** Most packets. */
  readonly packets: number;
  readonly malformed: Malformed;
}

/** Packets whose length need not be known when they begin (RFC 9580, section 4.2.1.4). */
const OPEN_ENDED: ReadonlySet<number> = new Set([PACKET.compressed, PACKET.literal]);

/**
 * Cuts bytes into packets, all of them, with headers of both formats (RFC 9580, section 4.2). Bodies in parts are joined. What is in
 * a packet is not looked at. Throws what `malformed` makes for bytes that are no packets, end within one, or hold too many.
 */
export function readPackets(bytes: Uint8Array, { packets: most, malformed }: PacketBounds): readonly OpenpgpPacket[] {
  const packets: OpenpgpPacket[] = [];
  for (let at = 0; at < bytes.length;) {
    if (packets.length === most) throw malformed(`has more than ${most} packets`);
    const { tag, parts, next } = readPacket(bytes, at, malformed);
    packets.push({ tag, body: parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts) });
    at = next;
  }
  return packets;
}

/** The packet as bytes, with a header of the new format. */
export function writePacket({ tag, body }: OpenpgpPacket): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([Uint8Array.of(0xc0 | tag, 0xff), length, body]);
}

/** Tools write parts of 512 bytes and more; a hostile file of small ones would become many objects. */
const MOST_PARTS = 4096;

interface Read {
  readonly tag: number;
  readonly parts: readonly Uint8Array[];
  readonly next: number;
}

function readPacket(bytes: Uint8Array, start: number, malformed: Malformed): Read {
  const first = bytes[start] as number;
  if ((first & 0x80) === 0) throw malformed(`has no packet at byte ${start}`);
  const tag = (first & 0x40) === 0 ? (first >> 2) & 0x0f : first & 0x3f;
  if (tag === 0) throw malformed(`has a packet of the reserved type 0 at byte ${start}`);
  const take = (at: number, length: number): Uint8Array => {
    if (length > bytes.length - at) throw malformed(`ends within the packet at byte ${start}`);
    return bytes.subarray(at, at + length);
  };
  if ((first & 0x40) === 0) {
    const kind = first & 0x03;
    if (kind === 3) {
      if (!OPEN_ENDED.has(tag)) throw malformed(`has a packet without a length at byte ${start}`);
      return { tag, parts: [bytes.subarray(start + 1)], next: bytes.length };
    }
    const width = 1 << kind;
    const length = number(take(start + 1, width));
    const at = start + 1 + width;
    return { tag, parts: [take(at, length)], next: at + length };
  }
  const parts: Uint8Array[] = [];
  for (let at = start + 1; ;) {
    const lead = number(take(at, 1));
    const partial = lead >= 224 && lead < 255;
    if (partial && !OPEN_ENDED.has(tag)) throw malformed(`has a packet in parts at byte ${start}, which its type must not be`);
    const width = lead < 192 || partial ? 1 : lead === 255 ? 5 : 2;
    const head = take(at, width);
    const length = partial ? 2 ** (lead & 0x1f) : width === 1 ? lead : width === 5 ? number(head.subarray(1)) : ((lead - 192) << 8) + (head[1] as number) + 192;
    if (parts.length === MOST_PARTS) throw malformed(`has a packet in more than ${MOST_PARTS} parts at byte ${start}`);
    parts.push(take(at + width, length));
    at += width + length;
    if (!partial) return { tag, parts, next: at };
  }
}

/** Big-endian, of at most four bytes. */
function number(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}
