import { buffer } from 'node:stream/consumers';
import test from 'ava';
import * as fc from 'fast-check';
import { extract, pack, type Header } from 'tar-stream';
import { encodeHeader, type TarHeaderFields } from '../../src/tar/encode-header.js';
import type { TarEntryType } from '../../src/tar/tar-entry.js';
import { entryFields } from './entry-fields.js';
import { scan } from './scan.js';

// A reader and a writer that share no code with ours: what one writes, the other must read.

interface Read {
  readonly header: Header;
  readonly body: Buffer;
}

/** What tar-stream finds in a tar. */
async function readByTarStream(tar: Uint8Array): Promise<readonly Read[]> {
  const reader = extract();
  reader.end(tar);
  const found: Read[] = [];
  for await (const entry of reader) found.push({ header: entry.header, body: await buffer(entry) });
  return found;
}

const NAMES: Readonly<Record<TarEntryType, Header['type']>> = {
  file: 'file', hardlink: 'link', symlink: 'symlink', 'character-device': 'character-device', 'block-device': 'block-device', directory: 'directory', fifo: 'fifo',
};

const wellFormed = (...texts: readonly string[]): boolean => texts.every((text) => Buffer.from(text).toString() === text);
const body = fc.uint8Array({ maxLength: 1500 });
/** Entries with the bodies that they claim, and with names that are UTF-8: tar-stream knows no others. */
const ours = fc.array(fc.tuple(entryFields.filter(({ path, linkPath, uname, gname }) => wellFormed(path, linkPath, uname, gname)), body), { minLength: 1, maxLength: 5 })
  .map((entries) => entries.map(([fields, bytes]) => ({ fields: { ...fields, size: fields.type === 'file' ? bytes.length : 0 }, body: fields.type === 'file' ? Buffer.from(bytes) : Buffer.alloc(0) })));

test('what we write, tar-stream reads', async (t) => {
  await fc.assert(fc.asyncProperty(ours, async (entries) => {
    const padding = (size: number): Buffer => Buffer.alloc((512 - (size % 512)) % 512);
    const tar = Buffer.concat([...entries.flatMap(({ fields, body: bytes }) => [encodeHeader(fields), bytes, padding(bytes.length)]), Buffer.alloc(1024)]);
    const found = await readByTarStream(tar);
    t.deepEqual(found.map(({ header, body: bytes }) => summary(header, bytes)), entries.map(({ fields, body: bytes }) => expected(fields, bytes)));
  }), { numRuns: 60 });
});

/** A number in a pax record wins, which tar-stream leaves to its callers for all but the size. */
function summary(header: Header, bytes: Buffer): object {
  const pax = header.pax as Readonly<Record<string, string>> | null | undefined;
  const number = (key: string, value = 0): number => Number(pax?.[key] ?? value);
  return {
    path: header.name.replace(/(?<=.)\/$/, ''), type: header.type, mode: header.mode, uid: number('uid', header.uid), gid: number('gid', header.gid),
    uname: pax?.['uname'] ?? header.uname, gname: pax?.['gname'] ?? header.gname, seconds: pax?.['mtime'] === undefined ? (header.mtime?.getTime() ?? 0) / 1000 : wholeSeconds(pax['mtime']),
    linkPath: header.linkname ?? '', devMajor: header.devmajor, devMinor: header.devminor, body: bytes.toString('hex'),
  };
}

/** Without the fraction, which counts back before 1970: the number itself may be too large to have one. */
function wholeSeconds(time: string): number {
  const [whole = '', fraction] = time.split('.');
  return Number(whole) - (whole.startsWith('-') && fraction !== undefined ? 1 : 0);
}

function expected({ path, type = 'file', mode, uid, gid, uname, gname, mtime, linkPath, devMajor, devMinor }: TarHeaderFields, bytes: Buffer): object {
  return { path, type: NAMES[type], mode, uid, gid, uname, gname, seconds: mtime?.seconds, linkPath, devMajor, devMinor, body: bytes.toString('hex') };
}

/** Six octal digits, all that tar-stream writes without a word about the rest. */
const six = fc.nat(0o777777);
const theirs = fc.array(fc.record({
  fields: entryFields.filter(({ path, linkPath }) => wellFormed(path, linkPath)),
  mode: fc.integer({ min: 1, max: 0o7777 }), uid: six, gid: six, seconds: fc.nat(2 ** 31 - 1), device: fc.tuple(six, six), body,
  uname: fc.stringMatching(/^[a-z_-]{0,31}$/), gname: fc.stringMatching(/^[a-z_-]{0,31}$/),
}), { minLength: 1, maxLength: 5 });

test('what tar-stream writes, we read', async (t) => {
  await fc.assert(fc.asyncProperty(theirs, async (entries) => {
    const packer = pack();
    const wanted = entries.map(({ fields: { path, type, linkPath, pax }, body: bytes, seconds, device, ...owner }) => {
      const content = Buffer.from(type === 'file' ? bytes : []);
      const [devMajor, devMinor] = type.endsWith('-device') ? device : [0, 0];
      packer.entry({ name: path, type: NAMES[type] ?? 'file', mtime: new Date(seconds * 1000), ...owner, devmajor: devMajor, devminor: devMinor, ...(linkPath === '' ? {} : { linkname: linkPath }), ...(pax.size === 0 ? {} : { pax: Object.fromEntries(pax) }) }, content);
      return { path, type, linkPath, seconds, pax: [...pax], ...owner, devMajor, devMinor, body: content.toString('hex') };
    });
    packer.finalize();
    const { list, bodies } = scan(await buffer(packer), 'layer');
    t.deepEqual(list.map(({ path, type, linkPath, mtime, pax, mode, uid, gid, devMajor, devMinor, uname, gname }, i) =>
      ({ path, type, linkPath, seconds: mtime.seconds, pax: [...pax], mode, uid, gid, devMajor, devMinor, uname, gname, body: bodies[i]?.toString('hex') })), wanted);
  }), { numRuns: 60 });
});
