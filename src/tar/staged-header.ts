import { encodeHeader } from './encode-header.js';

const SIZE = 124;
const CHECKSUM = 148;
const OCTAL_LIMIT = 8 ** 11;

/**
 * A header of exactly one block for a file whose size was not known when room was left for it. From 8 GiB on the size is
 * written in GNU base-256, since a pax record would need more blocks; every reader of archives that large knows it.
 */
export function stagedHeader(path: string, size: number): Uint8Array {
  if (size < OCTAL_LIMIT) return encodeHeader({ path, size });
  const header = encodeHeader({ path, size: 0 });
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  view.setUint32(SIZE, 0x8000_0000);
  view.setBigUint64(SIZE + 4, BigInt(size));
  header.fill(0x20, CHECKSUM, CHECKSUM + 8);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.set(Buffer.from(`${sum.toString(8).padStart(6, '0')}\0 `, 'latin1'), CHECKSUM);
  return header;
}
