import test from 'ava';
import { HeadReader } from '../../src/crypto/encrypt/age/head-reader.js';
import { decodePem } from '../../src/crypto/keys/pem-text.js';
import { readDer } from '../../src/crypto/x509/der-node.js';
import { der } from '../../src/crypto/x509/der-write.js';
import { fromSystemError, isImgkitError } from '../../src/errors.js';
import type { Inode } from '../../src/filesystem/inode.js';
import { SparseExpander } from '../../src/filesystem/sparse-expander.js';
import { parseLocation } from '../../src/image/location.js';
import { nextLink } from '../../src/registry/link-header.js';
import { readFolderIndex } from '../../src/transport/http/folder-index.js';
import { xmlEvents } from '../../src/transport/http/xml-events.js';
import { item, padded, pax } from './tar-builder.js';

// Each of these once took minutes, or all of the stack. There is no clock here: slow again, a test would not end in time.

test('an object identifier of a megabyte is refused, not computed', (t) => {
  const long = der(0x06, Buffer.concat([Buffer.alloc(1_000_000, 0x81), Buffer.from([1])]));
  t.throws(() => readDer(long, { where: 'x', code: 'signature-malformed' }, 2_000_000).oid(), { code: 'signature-malformed' });
});

test('PEM of many megabytes is none', (t) => {
  const line = `${'A'.repeat(64)}\n`;
  t.is(decodePem(`-----BEGIN PUBLIC KEY-----\n${line.repeat(300_000)}-----END PUBLIC KEY-----\n`), undefined);
});

test('a page of open tags without an end has no entries', (t) => {
  const page = `<title>Index of /</title>${'<a '.repeat(300_000)}`;
  t.deepEqual(readFolderIndex(page, 'text/html', 'http://127.0.0.1/'), []);
});

test('namespaces upon namespaces are refused', (t) => {
  const spaces = Array.from({ length: 30_000 }, (_, i) => `xmlns:n${i}="u"`).join(' ');
  t.throws(() => [...xmlEvents(`<a ${spaces}>${'<b xmlns:x="y"/>'.repeat(20_000)}</a>`, 'x')], { code: 'network-failed' });
});

test('a Link header of brackets has no next page', (t) => {
  t.is(nextLink('<'.repeat(16_000)), undefined);
});

test('a location of number signs is refused', (t) => {
  t.throws(() => parseLocation(`${'#'.repeat(1_000_000)}\nx`, () => false), { code: 'location-invalid' });
});

test('the header of an age file that comes byte by byte', async (t) => {
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 700_000; i += 1) yield Buffer.from('x');
  };
  await t.throwsAsync(new HeadReader(pieces(), 'the file').line(), { code: 'ciphertext-malformed' });
});

test('the map of a sparse file that comes in many small pieces', (t) => {
  const map = Buffer.from(`500000\n${'0\n'.repeat(1_000_000)}`);
  const header = pax({ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.name': 's', 'GNU.sparse.realsize': '5' });
  const bytes = Buffer.concat([header, item({ name: 's' }, padded(map))]);
  const bodyOffset = header.length + 512;
  const expander = new SparseExpander({ size: bytes.length - bodyOffset, bodyOffset, sparse: { realSize: 5, headerOffset: 0 } } as Inode, 'the layer');
  for (let at = 0; at < bytes.length; at += 1000) for (const _ of expander.push(bytes.subarray(at, at + 1000))) t.fail('a piece of nothing');
  t.notThrows(() => expander.end());
});

test('a quota that is used up is a full disk, though Node has no name for it', (t) => {
  const error = fromSystemError(Object.assign(new Error('Unknown system error -122'), { errno: -122, code: 'Unknown system error -122' }), 'out.tar', 'writing it');
  t.true(process.platform !== 'linux' || isImgkitError(error, 'disk-full'));
});
