import test from 'ava';
import * as fc from 'fast-check';
import { encodeHeader, headerSize } from '../../src/tar/encode-header.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import type { TarEntry } from '../../src/tar/tar-entry.js';
import { TarScanner } from '../../src/tar/tar-scanner.js';
import { entryFields } from './entry-fields.js';

function readBack(header: Uint8Array): TarEntry {
  let found: TarEntry | undefined;
  new TarScanner({ file: 'x', mode: 'layer', limits: DEFAULT_LIMITS, onEntry: (entry) => { found = entry; } }).push(header);
  return found as unknown as TarEntry;
}

test('every entry reads back as it was written, byte for byte of every name', (t) => {
  fc.assert(fc.property(entryFields, (fields) => {
    const header = encodeHeader(fields);
    const entry = readBack(header);
    const { path, type, size, mode, uid, gid, uname, gname, mtime, linkPath, devMajor, devMinor } = entry;
    t.deepEqual({ path, type, size, mode, uid, gid, uname, gname, mtime, linkPath, devMajor, devMinor, xattrs: [...entry.xattrs].sort(), pax: [...entry.pax].sort() },
      { ...fields, xattrs: [...fields.xattrs].sort(), pax: [...fields.pax].sort() });
    t.is(header.length % 512, 0);
    t.is(entry.bodyOffset, header.length);
  }), { numRuns: 500 });
});

test('a header without pax records is the block that would follow them', (t) => {
  const bare = entryFields.map((fields) => ({ ...fields, mtime: { ...fields.mtime, nanoseconds: 0 }, xattrs: new Map(), pax: new Map() }));
  const ascii = (text: string, room: number): string => text.replace(/[^!-~]/g, '_').slice(0, room).replace(/\/$/, '_');
  const tame = bare.map((fields) => {
    const { path, linkPath, uname, gname, uid, gid, size, mtime } = fields;
    return { ...fields, path: ascii(path, 256), linkPath: ascii(linkPath, 100), uname: ascii(uname, 31), gname: ascii(gname, 31), uid: uid % 8 ** 7, gid: gid % 8 ** 7, size: size % 8 ** 11, mtime: { seconds: Math.abs(mtime.seconds) % 8 ** 11, nanoseconds: 0 } };
  });
  let alone = 0;
  fc.assert(fc.property(fc.oneof(bare, tame), (fields) => {
    const header = encodeHeader(fields);
    t.is(headerSize(fields), header.length);
    if (header.length === 512) alone += 1;
    const behindRecords = encodeHeader({ ...fields, pax: new Map([['comment', 'x']]) });
    t.deepEqual(Buffer.from(behindRecords.subarray(-512)), Buffer.from(header.subarray(-512)));
  }), { numRuns: 500 });
  t.true(alone > 50);
  // One after the other from the same memory: no header shows in the next.
  const long = `${'d'.repeat(155)}/${'f'.repeat(100)}`;
  const first = Buffer.from(encodeHeader({ path: 'a' }));
  encodeHeader({ path: long, uname: 'u'.repeat(31), linkPath: 'l'.repeat(100), type: 'symlink' });
  t.deepEqual(Buffer.from(encodeHeader({ path: 'a' })), first);
});

test('the same entry gives the same bytes', (t) => {
  fc.assert(fc.property(entryFields, (fields) => {
    const turned = { ...fields, xattrs: new Map([...fields.xattrs].toReversed()), pax: new Map([...fields.pax].toReversed()) };
    return Buffer.compare(encodeHeader(fields), encodeHeader(turned)) === 0;
  }));
  t.pass();
});

test('one block when ustar holds it, defaults fixed', (t) => {
  const header = encodeHeader({ path: `${'d'.repeat(155)}/${'f'.repeat(100)}`, size: 8 ** 11 - 1 });
  t.is(header.length, 512);
  const { mode, uid, gid, uname, gname, mtime } = readBack(header);
  t.deepEqual({ mode, uid, gid, uname, gname, mtime }, { mode: 0o644, uid: 0, gid: 0, uname: '', gname: '', mtime: { seconds: 0, nanoseconds: 0 } });
});

test('singleHeader keeps 8 GiB and more in one block', (t) => {
  const header = encodeHeader({ path: 'blobs/sha256/a', size: 9_000_000_000, singleHeader: true });
  t.is(header.length, 512);
  t.is(readBack(header).size, 9_000_000_000);
  t.throws(() => encodeHeader({ path: '\u00e9', singleHeader: true }), { code: 'usage' } as object);
});

for (const [why, fields] of Object.entries({
  'no name': { path: '' }, 'NUL in a name': { path: 'a\0' }, 'negative size': { path: 'a', size: -1 }, 'fractional size': { path: 'a', size: 0.5 },
  'a folder with a size': { path: 'a', type: 'directory', size: 1 }, 'a link without target': { path: 'a', type: 'symlink' }, 'a file with a target': { path: 'a', linkPath: 'b' },
  'a file named like a folder': { path: 'a/' }, 'mode too large': { path: 'a', mode: 8 ** 8 }, 'an own pax key': { path: 'a', pax: new Map([['path', 'b']]) },
  'an equals sign in an attribute': { path: 'a', xattrs: new Map([['a=b', new Uint8Array()]]) }, 'an impossible time': { path: 'a', mtime: { seconds: 0, nanoseconds: 1e9 } },
} as const)) {
  test(`refused: ${why}`, (t) => {
    t.throws(() => encodeHeader(fields), { code: 'usage' } as object);
  });
}

test('a name that is not UTF-8 stays in the header; one too long for it says that it is binary', (t) => {
  const short = encodeHeader({ path: 'bad-\udcff' });
  t.is(short.length, 512);
  t.is(readBack(short).path, 'bad-\udcff');
  const path = `${'long-'.repeat(40)}\udcff`;
  const long = encodeHeader({ path, linkPath: 'ü', type: 'symlink' });
  t.regex(Buffer.from(long.subarray(512, 1024)).toString('latin1'), /^21 hdrcharset=BINARY\n\d+ path=long-/);
  t.is(Buffer.from(long).toString('latin1').split('hdrcharset').length, 2);
  t.like(readBack(long), { path, linkPath: 'ü' });
});
