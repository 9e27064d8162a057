import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '../../src/content/digest.js';
import { InodeFactory } from '../../src/filesystem/inode-factory.js';
import { SparseExpander } from '../../src/filesystem/sparse-expander.js';
import { OCI_LAYER } from '../../src/image/media-type.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { extractImage } from '../../src/operations/extract-image.js';
import type { LayeredImage } from '../../src/operations/image-layers.js';
import { encodeHeader } from '../../src/tar/encode-header.js';
import type { TarEntry } from '../../src/tar/tar-entry.js';
import { TarScanner } from '../../src/tar/tar-scanner.js';
import { BYTES } from './fuzz-bytes.js';
import { entryChange, LAYER_ENTRIES } from './fuzz-content-targets.js';
import { fuzzFile, fuzzFolder } from './fuzz-folder.js';
import { tarChange } from './fuzz-mutations.js';
import { pieces, type Change, type FuzzTarget } from './fuzz-target.js';
import { TEXT } from './fuzz-text.js';
import { GNU, item, padded, pax, paxBody, raw, record, tar } from './tar-builder.js';

const REAL = 1005;
const DATA = 'a'.repeat(10);
const octal = (number: number): string => `${number.toString(8).padStart(11, '0')}\0`;
/** One file, `aaaaa`, a hole and `aaaaa`, in each way that GNU tar stores it. */
const SPARSE: readonly Buffer[] = [
  tar(pax({ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.name': 's', 'GNU.sparse.realsize': `${REAL}` }), item({ name: 'GNUSparseFile.1/s' }, Buffer.concat([padded('2\n0\n5\n1000\n5\n'), Buffer.from(DATA)]))),
  tar(pax({ 'GNU.sparse.size': `${REAL}`, 'GNU.sparse.numblocks': '2', 'GNU.sparse.name': 's', 'GNU.sparse.map': '0,5,1000,5' }), item({ name: 'GNUSparseFile.1/s' }, DATA)),
  tar(paxBody(Buffer.concat([['size', `${REAL}`], ['numblocks', '2'], ['offset', '0'], ['numbytes', '5'], ['offset', '1000'], ['numbytes', '5']].map(([key, value]) => record(`GNU.sparse.${key ?? ''}`, value ?? '')))), item({ name: 's' }, DATA)),
  tar(raw({ name: 's', type: 'S', magic: GNU, size: 10, patch: [[386, octal(0) + octal(5) + octal(1000) + octal(5)], [483, octal(REAL)]] }), padded(DATA)),
  tar(raw({ name: 's', type: 'S', magic: GNU, size: 10, patch: [[386, octal(0) + octal(5)], [482, '\x01'], [483, octal(REAL)]] }), padded(Buffer.concat([Buffer.from(octal(1000) + octal(5)), Buffer.alloc(488)])), padded(DATA)),
];
const TAR: Change = (bytes, random) => tarChange(bytes, random);

/** What of a layer ends up as files: sparse files made whole, and everything on a disk. */
export function fileTargets(): readonly FuzzTarget[] {
  const layer = tar(...LAYER_ENTRIES.map(encodeHeader), ...SPARSE.slice(0, 1).map((bytes) => bytes.subarray(0, -1024)), item({ name: 'f/file' }, 'body'));
  return [
    { name: 'sparse', seeds: SPARSE, changes: [TAR, TAR, ...BYTES, ...TEXT], run: expand },
    { name: 'extract', share: 0.05, seeds: [layer], changes: [TAR, TAR, entryChange, entryChange, ...BYTES], run: extract },
  ];
}

/** Every piece lies within the file, in any pieces that it comes in. */
function expand(bytes: Buffer): void {
  const entries: TarEntry[] = [];
  const scanner = new TarScanner({ file: 'the layer', mode: 'layer', limits: DEFAULT_LIMITS, onEntry: (entry) => { if (entry.sparse !== undefined) entries.push(entry); } });
  scanner.push(bytes);
  scanner.end();
  for (const entry of entries) for (const size of [1, 512, bytes.length]) {
    const expander = new SparseExpander(new InodeFactory().make(entry, 0), 'the layer');
    for (let at = entry.headerOffset; at < entry.bodyOffset + entry.size; at += size) {
      for (const { data, offset } of expander.push(bytes.subarray(at, Math.min(at + size, entry.bodyOffset + entry.size)))) {
        if (!(offset >= 0 && offset + data.length <= (entry.sparse?.realSize ?? 0))) throw new TypeError(`${data.length} bytes at ${offset} of ${String(entry.sparse?.realSize)}`);
      }
    }
    expander.end();
  }
}

/** Whatever is in a layer, nothing outside of the new folder changes; after an error there is none. */
async function extract(bytes: Buffer): Promise<void> {
  const canary = await fuzzFile('extract/canary', 'untouched');
  const sandbox = join(fuzzFolder(), 'extract');
  const digest = digestOf(bytes, 'sha256');
  const blobs = { stat: () => Promise.resolve(bytes.length), openUnverified: () => pieces(bytes, 700), locate: () => Promise.resolve(undefined) };
  const descriptor = { mediaType: OCI_LAYER, digest, size: bytes.length };
  const image = { source: { location: 'the image' }, layers: [{ number: 0, name: `the image: ${digest}`, blobs, descriptor, compression: 'none', diffId: digest }] } as unknown as LayeredImage;
  const outcome: unknown = await extractImage(image, { paths: [], to: join(sandbox, 'out'), ownership: 'mine', xattrs: 'user', limits: DEFAULT_LIMITS }).catch((error: unknown) => error);
  const failed = outcome instanceof Error;
  const left = readdirSync(sandbox).filter((name) => name !== 'canary' && (failed || name !== 'out'));
  const touched = readFileSync(canary, 'utf8') !== 'untouched';
  rmSync(sandbox, { recursive: true, force: true });
  if (left.length > 0 || touched) throw new TypeError(`outside of the new folder: ${touched ? 'the canary' : left.join(', ')}`);
  if (failed) throw outcome;
}
