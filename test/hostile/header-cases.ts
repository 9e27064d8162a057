import { rejectedInBoth, accepted, type TarCase } from './tar-case.js';
import { base256, file, GNU, item, raw, tar, V7 } from './tar-builder.js';

const flip = (bytes: Buffer, at: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy[at] = (bytes[at] as number) ^ 1;
  return copy;
};
const numbers = 'readers parse this number differently';

/** Headers as such: checksum, magic, numbers, types. */
export const HEADER_CASES: readonly TarCase[] = [
  ...rejectedInBoth([
    ['checksum wrong', 'a damaged header', tar(raw({ checksum: '000001\0 ' }))],
    ['checksum empty', 'a damaged header', tar(raw({ checksum: '\0\0\0\0\0\0\0\0' }))],
    ['checksum not octal', 'a damaged header', tar(raw({ checksum: '00x123\0 ' }))],
    ['name bit flipped', 'a damaged header', tar(flip(file('a'), 0))],
    ['padding bit flipped', 'the sum covers all 512 bytes', tar(flip(file('a'), 511))],
    ['not a tar', 'some other file', Buffer.alloc(2048, 'PK')],
    ['magic unknown', 'no dialect that is known', tar(raw({ magic: 'tarry\x0000' }))],
    ['magic with version 01', 'no dialect that is known', tar(raw({ magic: 'ustar\x0001' }))],
    ['star dialect', 'its prefix is shorter: two names', tar(raw({ prefix: 'a', patch: [[508, 'tar\0']] }))],
    ['size negative in base-256', numbers, tar(raw({ size: base256(-1n) }))],
    ['size -512 in base-256', 'a reader would step backwards', tar(raw({ size: base256(-512n) }))],
    ['size above 2^53', numbers, tar(raw({ size: base256(2n ** 53n) }))],
    ['size 2^64 in base-256', numbers, tar(raw({ size: base256(2n ** 64n) }))],
    ['size with minus sign', numbers, tar(raw({ size: '-0000000001\0' }))],
    ['size with plus sign', numbers, tar(raw({ size: '+0000000001\0' }))],
    ['size in hex', numbers, tar(raw({ size: '0x000000010\0' }))],
    ['size in decimal', numbers, tar(raw({ size: '00000000009\0' }))],
    ['size fractional', numbers, tar(raw({ size: '0000000.500\0' }))],
    ['size with exponent', numbers, tar(raw({ size: '0000001e3\0\0\0' }))],
    ['size followed by junk', numbers, tar(raw({ size: '0000005junk\0' }))],
    ['size with NUL then digits', numbers, tar(raw({ size: '00000\x00000005' }))],
    ['size with leading NUL', numbers, tar(raw({ size: '\x000000000005\0' }))],
    ['size blank', 'GNU tar refuses, others read 0', tar(raw({ size: '            ' }))],
    ['size base-256 marker 0x81', numbers, tar(raw({ size: Buffer.concat([Buffer.from([0x81]), Buffer.alloc(11)]) }))],
    ['size base-256 marker 0xc0', numbers, tar(raw({ size: Buffer.concat([Buffer.from([0xc0]), Buffer.alloc(11)]) }))],
    ['uid junk', numbers, tar(raw({ uid: '00000z0\0' }))],
    ['uid negative', numbers, tar(raw({ uid: base256(-2n, 8) }))],
    ['gid junk', numbers, tar(raw({ gid: 'root\0\0\0\0' }))],
    ['mode junk', numbers, tar(raw({ mode: 'rw-r--r-' }))],
    ['mtime junk', numbers, tar(raw({ mtime: 'yesterday\0\0\0' }))],
    ['mtime above 2^53', numbers, tar(raw({ mtime: base256(2n ** 60n) }))],
    ['device number junk', numbers, tar(raw({ type: '3', devMajor: '00000x0\0' }))],
    ['type unknown: Z', 'some readers take it as a file', tar(raw({ type: 'Z' }))],
    ['type unknown: 8', 'some readers take it as a file', tar(raw({ type: '8' }))],
    ['type V, volume label', 'GNU only', tar(raw({ type: 'V', magic: GNU }))],
    ['type M, continued file', 'a body that starts elsewhere', tar(raw({ type: 'M', magic: GNU }))],
    ['type D, dump folder', 'a folder with a body', tar(item({ type: 'D', magic: GNU }, 'Yfile\0\0'))],
    ['type X, Solaris pax', 'read by some as pax', tar(item({ type: 'X' }, '12 path=b\n'))],
    ['hard link with a size', 'readers disagree on its body', tar(item({ type: '1', link: 'a' }, file('evil')))],
    ['symlink with a size', 'readers disagree on its body', tar(item({ type: '2', link: 'a' }, file('evil')))],
    ['character device with a size', 'readers disagree on its body', tar(item({ type: '3' }, file('evil')))],
    ['block device with a size', 'readers disagree on its body', tar(item({ type: '4' }, file('evil')))],
    ['folder with a size', 'readers disagree on its body', tar(item({ name: 'd/', type: '5' }, file('evil')))],
    ['fifo with a size', 'readers disagree on its body', tar(item({ type: '6' }, file('evil')))],
    ['v7 folder with a size', 'a body or none', tar(item({ name: 'd/', type: '\0', magic: V7 }, file('evil')))],
    ['file named like a folder', 'a file or a folder', tar(item({ name: 'd/' }, 'x'))],
    ['symlink named like a folder', 'readers disagree', tar(raw({ name: 'd/', type: '2', link: 'a' }))],
    ['symlink without target', 'no meaning', tar(raw({ type: '2' }))],
    ['hard link without target', 'no meaning', tar(raw({ type: '1' }))],
  ]),
  ...accepted('layer', [
    ['checksum of signed bytes', 'historic tars', tar(item({ name: 'caf\u00e9', signedChecksum: true }, 'x'))],
    ['old GNU header', 'common', tar(item({ magic: GNU }, 'x'))],
    ['v7 header', 'old', tar(item({ magic: V7, type: '\0' }, 'x'))],
    ['v7 folder by its slash', 'old', tar(raw({ name: 'd/', magic: V7, type: '\0' }))],
    ['contiguous file', 'a file by POSIX', tar(item({ type: '7' }, 'x'))],
    ['size in base-256', 'GNU', tar(item({ size: base256(1n) }, 'x'))],
    ['size with spaces', 'old writers', tar(item({ size: '         1  ' }, 'x'))],
    ['size without terminator', 'old writers', tar(item({ size: '000000000001' }, 'x'))],
    ['uid empty', 'old writers', tar(item({ uid: '\0\0\0\0\0\0\0\0' }, 'x'))],
    ['mtime before 1970', 'GNU base-256', tar(item({ mtime: base256(-1n) }, 'x'))],
    ['mode with the type of file', 'old Docker', tar(item({ mode: '0100644\0' }, 'x'))],
    ['junk in device numbers of a file', 'readers ignore them', tar(item({ devMajor: 'junkjunk' }, 'x'))],
    ['all types', 'everything a layer holds', tar(
      raw({ name: 'd/', type: '5' }), file('d/f'), raw({ name: 'h', type: '1', link: 'd/f' }), raw({ name: 's', type: '2', link: '/etc/../x' }),
      raw({ name: 'c', type: '3' }), raw({ name: 'b', type: '4' }), raw({ name: 'p', type: '6' }))],
    ['bytes after NUL in a name', 'all readers stop at NUL', tar(item({ name: 'a\0junk' }, 'x'))],
  ]),
];
