import test from 'ava';
import * as fc from 'fast-check';
import { parseHeader } from '../../src/tar/header.js';
import { GNU, raw, V7 } from '../hostile/tar-builder.js';

const place = { file: 'x.tar', offset: 1024 };

test('fields of a ustar header', (t) => {
  const header = raw({ name: 'f', prefix: 'a/b', uid: '0000012\0', gid: '0000013\0', mtime: '00000000100\0', uname: 'root', link: 't', type: '2' });
  t.deepEqual(parseHeader(header, 0, place), {
    path: 'a/b/f', typeflag: 0x32, size: 0, mode: 0o644, uid: 10, gid: 11, mtime: 64, linkPath: 't', uname: 'root', gname: '', devMajor: 0, devMinor: 0, magic: 'ustar',
  });
});

test('old GNU headers have no prefix, v7 headers no owner names', (t) => {
  t.is(parseHeader(raw({ name: 'f', prefix: 'a', magic: GNU }), 0, place).path, 'f');
  t.is(parseHeader(raw({ name: 'f', uname: 'root', magic: V7 }), 0, place).uname, '');
});

test('fields that fill their room have no NUL', (t) => {
  const { path, uname } = parseHeader(raw({ name: 'n'.repeat(100), prefix: 'p'.repeat(155), uname: 'u'.repeat(32) }), 0, place);
  t.is(path, `${'p'.repeat(155)}/${'n'.repeat(100)}`);
  t.is(uname, 'u'.repeat(32));
  t.is(parseHeader(raw({ uname: 'u' }), 0, place).uname, 'u');
  t.is(parseHeader(raw({ uname: 'uu' }), 0, place).uname, 'uu');
});

test('an owner in Latin-1 is not the one in UTF-8 before it', (t) => {
  const owner = (bytes: Uint8Array): string => parseHeader(raw({ patch: [[265, bytes]] }), 0, place).uname;
  t.is(owner(Buffer.from('\u00e9')), '\u00e9');
  t.is(owner(Buffer.from([0xe9])), '\udce9');
});

test('any flipped bit outside the checksum is seen', (t) => {
  const header = raw({ name: 'some/file', size: 12, uname: 'root' });
  fc.assert(fc.property(fc.nat(511).filter((at) => at < 148 || at >= 156), fc.nat(7), (at, bit) => {
    const broken = Buffer.from(header);
    broken[at] = (header[at] as number) ^ (1 << bit);
    t.throws(() => parseHeader(broken, 0, place), { code: 'tar-malformed' } as object);
  }));
});

test('an error names file and offset', (t) => {
  t.throws(() => parseHeader(raw({ checksum: '1' }), 0, place), { message: /^x\.tar: at offset 1024: .+\.$/ });
});
