import { decodePem, encodePem } from '../../src/crypto/keys/pem-text.js';
import { MOST_BYTES } from './fuzz-bytes.js';
import type { Change } from './fuzz-target.js';

/** Where strings of SSH's encoding may stand: every place whose length fits into the rest. */
function strings(bytes: Buffer): readonly (readonly [at: number, length: number])[] {
  const found: (readonly [number, number])[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 1) {
    const length = bytes.readUInt32BE(at);
    if (length > 0 && length <= bytes.length - at - 4) found.push([at, length]);
  }
  return found;
}

/** Another content for one string, its length right or wrong. */
const field: Change = (bytes, random, others) => {
  const places = strings(bytes);
  if (places.length === 0) return bytes;
  const [at, length] = random.pick(places);
  const old = bytes.subarray(at + 4, at + 4 + length);
  const other = random.pick(others);
  const content = random.pick([
    Buffer.alloc(0), old.subarray(0, random.below(length)), Buffer.concat([Buffer.alloc(1), old]), Buffer.concat([old, old]), Buffer.alloc(length, 0xff), Buffer.alloc(length),
    other.subarray(random.below(other.length + 1)).subarray(0, 1 + random.below(200)), Buffer.from('sk-ssh-ed25519@openssh.com'), Buffer.from('ssh-rsa'), Buffer.from([0x80]), Buffer.from([0xed, 0xa0, 0x80]),
  ]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(random.below(8) === 0 ? random.pick([0, 1, 0x7fffffff, 0xffffffff, content.length + 1]) : content.length);
  return Buffer.concat([bytes.subarray(0, at), size, content, bytes.subarray(at + 4 + length)]).subarray(0, MOST_BYTES);
};

/** Changes to SSH's binary encoding. */
export const SSH_WIRE: readonly Change[] = [field, field, field, field];

/** `changes` to what is inside a PEM block, or to a line's base64. */
export function armored(changes: readonly Change[], width = 70): readonly Change[] {
  return changes.map((change): Change => (bytes, random, others) => {
    const pem = decodePem(bytes.toString('latin1'));
    if (pem !== undefined) return Buffer.from(encodePem(pem.label, change(Buffer.from(pem.bytes), random, others), width));
    const text = bytes.toString('latin1');
    const blobs = [...text.matchAll(/[A-Za-z0-9+/]{32,}={0,2}/g)];
    if (blobs.length === 0) return bytes;
    const { 0: blob, index } = random.pick(blobs);
    const put = change(Buffer.from(blob, 'base64'), random, others).toString('base64');
    return Buffer.from(text.slice(0, index) + put + text.slice(index + blob.length), 'latin1');
  });
}
