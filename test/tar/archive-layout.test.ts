import { execFileSync } from 'node:child_process';
import test from 'ava';
import * as fc from 'fast-check';
import { layOut, type ArchiveLayout } from '../../src/tar/archive-layout.js';
import { scan } from './scan.js';
import { pathText } from './entry-fields.js';

function write(layout: ArchiveLayout, fill = 'x'): Buffer {
  const bytes = Buffer.alloc(layout.totalSize);
  for (const { header, headerOffset, bodyOffset, size } of layout.items) {
    bytes.set(header, headerOffset);
    bytes.fill(fill, bodyOffset, bodyOffset + size);
  }
  return bytes;
}

test('a plan, written, is a strict archive with everything where it was planned', (t) => {
  const below = pathText.map((path) => ({ path }));
  fc.assert(fc.property(fc.array(fc.tuple(below, fc.nat(2000)), { maxLength: 12 }), (rows) => {
    const entries = rows.map(([{ path }, size], i) => ({ path: `${i}/${path}`, size }));
    const layout = layOut(entries);
    const { list, size } = scan(write(layout), 'archive', 777);
    t.is(size, layout.totalSize);
    t.is(layout.trailer.offset + layout.trailer.size, layout.totalSize);
    t.deepEqual(list.map(({ path, size: body, headerOffset, bodyOffset }) => ({ path, body, headerOffset, bodyOffset })),
      layout.items.map(({ size: body, headerOffset, bodyOffset }, i) => ({ path: entries[i]?.path, body, headerOffset, bodyOffset })));
  }), { numRuns: 60 });
});

test('GNU tar lists what is planned', (t) => {
  const layout = layOut([
    { path: 'oci-layout', size: 30 }, { path: 'blobs', type: 'directory' }, { path: `blobs/sha256/${'a'.repeat(64)}`, size: 1024 },
    { path: `${'long/'.repeat(60)}name`, size: 5 }, { path: 'sym', type: 'symlink', linkPath: 'oci-layout' }, { path: 'dated', mtime: { seconds: 1e9, nanoseconds: 5 } },
  ]);
  const listed = execFileSync('tar', ['-t'], { input: write(layout), stdio: ['pipe', 'pipe', 'pipe'] }).toString();
  t.deepEqual(listed.trimEnd().split('\n'), ['oci-layout', 'blobs/', `blobs/sha256/${'a'.repeat(64)}`, `${'long/'.repeat(60)}name`, 'sym', 'dated']);
});

test('no entries: the end marker alone', (t) => {
  t.deepEqual(layOut([]), { items: [], trailer: { offset: 0, size: 1024 }, totalSize: 1024 });
});

test('8 GiB and more is planned with a pax header, or in one block', (t) => {
  const [pax, single] = [layOut([{ path: 'b', size: 9e9 }]), layOut([{ path: 'b', size: 9e9, singleHeader: true }])];
  t.is(pax.items[0]?.bodyOffset, 1536);
  t.is(single.items[0]?.bodyOffset, 512);
  t.is(single.totalSize, 512 + 9e9 + (single.items[0]?.padding ?? 0) + 1024);
});
