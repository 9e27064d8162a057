import test from 'ava';
import { readMultistatus } from '../../../src/transport/http/multistatus.js';
import { nameBelow } from '../../../src/transport/http/name-below.js';
import { readFolderIndex } from '../../../src/transport/http/folder-index.js';
import { parseContentRange, parseUnsatisfiedRange } from '../../../src/transport/http/content-range.js';
import { strongTag } from '../../../src/transport/http/entity-tag.js';

const read = (text: string): unknown[] => [...readMultistatus(text, 'drop/pub/')];

test('a multistatus as Apache writes it: prefixes, several propstats, absent properties', (t) => {
  const text = `<?xml version="1.0" encoding="utf-8"?>
<D:multistatus xmlns:D="DAV:" xmlns:ns0="DAV:">
<D:response xmlns:lp1="DAV:" xmlns:lp2="http://apache.org/dav/props/">
<D:href>/pub/</D:href>
<D:propstat><D:prop><lp1:resourcetype><D:collection/></lp1:resourcetype><lp1:getlastmodified>Fri, 20 Nov 2026 10:00:00 GMT</lp1:getlastmodified></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>
<D:propstat><D:prop><D:getcontentlength/></D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>
</D:response>
<D:response><D:href>/pub/a%20&amp;%20b.tar</D:href>
<D:propstat><D:prop><D:resourcetype/><D:getcontentlength>12</D:getcontentlength><D:getetag>"abc"</D:getetag></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>
<D:propstat><D:prop><D:getetag>"not this"</D:getetag></D:prop><D:status>HTTP/1.1 403 Forbidden</D:status></D:propstat>
</D:response></D:multistatus>`;
  t.deepEqual(read(text), [
    { href: '/pub/', stat: { kind: 'folder', modified: new Date('2026-11-20T10:00:00Z') } },
    { href: '/pub/a%20&%20b.tar', stat: { kind: 'file', size: 12, version: '"abc"' } },
  ]);
});

test('a default namespace, CDATA, comments, character references', (t) => {
  t.deepEqual(read('\uFEFF<multistatus xmlns="DAV:"><!-- <response/> --><response><href><![CDATA[/pub/<x>]]>&#x41;&#66;</href><propstat><prop><getcontentlength> 7 </getcontentlength></prop></propstat></response></multistatus>'), [{ href: '/pub/<x>AB', stat: { kind: 'file', size: 7 } }]);
  t.deepEqual(read('<a:multistatus xmlns:a="urn:other"><a:response><a:href>/x</a:href></a:response></a:multistatus>'), []);
});

const BAD: readonly (readonly [title: string, text: string])[] = [
  ['a document type', '<!DOCTYPE x [<!ENTITY a "aaaa">]><multistatus xmlns="DAV:"/>'],
  ['entities of its own', '<multistatus xmlns="DAV:"><response><href>&lol;</href></response></multistatus>'],
  ['an entity without an end', '<multistatus xmlns="DAV:"><response><href>a & b</href></response></multistatus>'],
  ['half a surrogate', '<multistatus xmlns="DAV:">&#xd800;</multistatus>'],
  ['no end', '<multistatus xmlns="DAV:"><response><href>/a</href></response>'],
  ['tags that cross', '<a><b></a></b>'],
  ['a prefix of nowhere', '<D:multistatus/>'],
  ['two roots', '<a/><b/>'],
  ['text outside', '<a/>text'],
  ['a comment without an end', '<a><!-- </a>'],
  ['an attribute without quotes', '<a b=c/>'],
  ['too many levels', `${'<a>'.repeat(65)}${'</a>'.repeat(65)}`],
  ['HTML', '<html><body><br></body></html>'],
  ['nothing', ''],
];
for (const [title, text] of BAD) {
  test(`XML with ${title} is refused`, (t) => {
    t.throws(() => read(text), { code: 'network-failed', message: /drop\/pub\// });
  });
}

test('a long listing takes time in proportion', (t) => {
  const one = '<response><href>/pub/f</href><propstat><prop><getcontentlength>1</getcontentlength></prop></propstat></response>';
  t.is(read(`<multistatus xmlns="DAV:">${one.repeat(20_000)}</multistatus>`).length, 20_000);
  t.throws(() => read(`<multistatus xmlns="DAV:"${' a="b"'.repeat(20_000)}`), { code: 'network-failed' });
});

test('only plain names directly in the folder count', (t) => {
  const below = (href: string): string | undefined => nameBelow(href, 'https://drop.example/pub%20a/');
  t.is(below('/pub%20a/x.tar'), 'x.tar');
  t.is(below('https://drop.example/pub%20a/x.tar'), 'x.tar');
  t.is(below('x%20y.tar'), 'x y.tar');
  t.is(below('/pub%20a/sub/'), 'sub');
  for (const href of ['/pub%20a/', '/pub%20a', '/', '../', '/pub%20a/../x', '/pub%20a/%2e%2e/x', '/pub%20a/..%2fx', '/pub%20a/a%2Fb', '/pub%20a/a/b', '/other/x', '%2e%2e', '/pub%20a/%00', '/pub%20a/a%0Ab', '/pub%20a/%ff', 'http://[', '/pub%20ax']) t.is(below(href), undefined, href);
});

test('index pages of web servers', (t) => {
  const url = 'https://drop.example/pub/';
  t.deepEqual(readFolderIndex('[{"name":"a.tar","type":"file","mtime":"Fri, 20 Nov 2026 10:00:00 GMT","size":12},{"name":"sub","type":"directory"},{"name":"../x","type":"file","size":1}]', 'application/json', url), [
    { name: 'a.tar', kind: 'file', size: 12, modified: new Date('2026-11-20T10:00:00Z') }, { name: 'sub', kind: 'folder' },
  ]);
  t.deepEqual(readFolderIndex('<html><head><title>Index of /pub/</title></head><body><a href="?C=N;O=D">Name</a><a href="../">../</a><a href="a%20b.tar">a b.tar</a><A HREF=\'sub/\'>sub</A><a href="https://evil.example/pub/x">x</a></body></html>', 'text/html; charset=utf-8', url)?.map(({ name, kind }) => `${name} ${kind}`), ['a b.tar file', 'sub folder', 'x file']);
  t.is(readFolderIndex('<html><title>Shop</title><a href="x">x</a>', 'text/html', url), undefined);
  t.is(readFolderIndex('{"name":"a"}', 'application/json', url), undefined);
  t.is(readFolderIndex('Index of', 'application/x-tar', url), undefined);
});

test('Content-Range', (t) => {
  t.deepEqual(parseContentRange('bytes 5-9/100'), { first: 5, last: 9, total: 100 });
  t.deepEqual(parseContentRange('bytes 0-0/*'), { first: 0, last: 0, total: undefined });
  for (const text of [undefined, '', 'bytes */100', 'bytes 9-5/100', 'bytes 5-100/100', 'items 0-1/2', 'bytes 0-1', 'bytes -1-5/10', 'bytes 0-1/2, bytes 3-4/5', 'bytes 99999999999999999-1/2']) t.is(parseContentRange(text), undefined, text);
  t.is(parseUnsatisfiedRange('bytes */100'), 100);
  t.is(parseUnsatisfiedRange('bytes 0-1/100'), undefined);
});

test('only strong tags say something of bytes', (t) => {
  t.is(strongTag('"abc-1"'), '"abc-1"');
  for (const text of [undefined, 'W/"abc"', 'abc', '"', '""', '"a"b"', '"a\nb"']) t.is(strongTag(text), undefined, text);
});
