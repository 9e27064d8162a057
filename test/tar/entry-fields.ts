import * as fc from 'fast-check';
import type { TarHeaderFields } from '../../src/tar/encode-header.js';
import type { TarEntryType } from '../../src/tar/tar-entry.js';

const part = fc.oneof(
  fc.string({ minLength: 1, maxLength: 30 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }),
  fc.constantFrom('a'.repeat(99), 'b'.repeat(100), 'c'.repeat(155), '\udcff\udc80', '.hidden', '...'),
).map((text) => text.replace(/[/\0]/g, '_')).filter((text) => text !== '.' && text !== '..' && !text.startsWith('.wh.'));

/** Paths that are normal already: short, long, at the edges of the ustar fields, with any characters. */
export const pathText = fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => parts.join('/'));

const time = fc.record({ seconds: fc.oneof(fc.integer(), fc.constant(8 ** 11), fc.maxSafeInteger()), nanoseconds: fc.oneof(fc.constant(0), fc.nat(999_999_999)) });
const id = fc.oneof(fc.nat(100_000), fc.maxSafeNat());
const bytesMap = fc.array(fc.tuple(fc.stringMatching(/^[a-z._]{1,20}$/), fc.uint8Array({ maxLength: 100 }))).map((pairs) => new Map(pairs));
const textMap = fc.array(fc.tuple(fc.stringMatching(/^[A-Z]{2,8}\.[a-z]{1,9}$/), fc.string({ maxLength: 30 }))).map((pairs) => new Map(pairs.filter(([key]) => !key.startsWith('GNU') && !key.startsWith('SCHILY'))));

type AllFields = { readonly [K in Exclude<keyof TarHeaderFields, 'singleHeader'>]-?: NonNullable<TarHeaderFields[K]> };

/** Entries of every type with every field. Bodies are left out: `size` is a claim. */
export const entryFields: fc.Arbitrary<AllFields> = fc.record({
  path: pathText,
  type: fc.constantFrom<TarEntryType>('file', 'hardlink', 'symlink', 'character-device', 'block-device', 'directory', 'fifo'),
  size: fc.oneof(fc.nat(5000), fc.constantFrom(8 ** 11 - 1, 8 ** 11), fc.maxSafeNat()),
  mode: fc.nat(0o7777), uid: id, gid: id,
  uname: fc.string({ maxLength: 40 }).map((text) => text.replaceAll('\0', '_')),
  gname: fc.string({ maxLength: 40 }).map((text) => text.replaceAll('\0', '_')),
  mtime: time, linkPath: pathText, devMajor: fc.nat(0o7777777), devMinor: fc.nat(0o7777777), xattrs: bytesMap, pax: textMap,
}).map((fields) => {
  const link = fields.type === 'hardlink' || fields.type === 'symlink';
  const device = fields.type.endsWith('device');
  return {
    ...fields,
    size: fields.type === 'file' ? fields.size : 0,
    linkPath: link ? fields.linkPath : '',
    devMajor: device ? fields.devMajor : 0,
    devMinor: device ? fields.devMinor : 0,
  };
});
