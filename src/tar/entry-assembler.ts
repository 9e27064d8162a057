import type { Limits } from '../limits.js';
import { BLOCK } from './block.js';
import { normalisePath } from './entry-path.js';
import { entryTypeOf, isExtension, TYPE } from './entry-type.js';
import { malformed, overLimit, type TarPlace } from './fault.js';
import { parseHeader, type RawHeader } from './header.js';
import { longText } from './long-text.js';
import { parsePaxRecords } from './pax.js';
import { attributesOf, type PaxAttributes } from './pax-attributes.js';
import { endsSparseMap, hasSparseMap, sparseFormOf, withMapBlock } from './sparse.js';
import type { SparseForm, TarEntry, TarEntryType, TarMode, TarTime } from './tar-entry.js';

/** What the assembler takes next: a header block, the body of an extension, or a block of a GNU sparse map. */
export type Awaited = 'header' | 'extension' | 'sparse-map';

const NO_XATTRS: ReadonlyMap<string, Uint8Array> = new Map();
const NO_RECORDS: ReadonlyMap<string, string> = new Map();
const NO_ATTRIBUTES: PaxAttributes = {};
/** From here on the header's own size field cannot hold the size in octal, and may hold anything. */
const OCTAL_SIZE_END = 8 ** 11;

/**
 * Turns header blocks and the bodies of `x`, `g`, `L` and `K` headers into resolved entries, for every reader alike.
 * It rejects what readers in the wild understand differently; each rule throws `tar-malformed` (or `limit-exceeded`)
 * with the entry and the offset of its first header.
 */
export class EntryAssembler {
  readonly #file: string;
  readonly #mode: TarMode;
  readonly #limits: Limits;
  #awaits: Awaited = 'header';
  #extension = 0;
  #extensionSize = 0;
  #start = -1;
  #pax: PaxAttributes | undefined;
  #longName: string | undefined;
  #longLink: string | undefined;
  #globals = NO_ATTRIBUTES;
  #sparse: TarEntry | undefined;
  #entries = 0;
  #time: TarTime = { seconds: 0, nanoseconds: 0 };
  readonly #place: { readonly file: string; offset: number; entry: string | undefined };

  constructor(file: string, mode: TarMode, limits: Limits) {
    this.#file = file;
    this.#place = { file, offset: 0, entry: undefined };
    this.#mode = mode;
    this.#limits = limits;
  }

  /** Entries resolved so far. */
  get entries(): number {
    return this.#entries;
  }

  get awaits(): Awaited {
    return this.#awaits;
  }

  /** Bytes of the extension body that {@link extension} waits for, without padding. */
  get extensionSize(): number {
    return this.#extensionSize;
  }

  /** Offset of the first header of an entry that is not complete yet, or -1 between entries. */
  get openSince(): number {
    return this.#start;
  }

  /** Takes the header block at `at` in `bytes`, `offset` in the file. Gives the entry once it is complete. */
  header(bytes: Buffer, at: number, offset: number): TarEntry | undefined {
    if (this.#start === -1) this.#start = offset;
    const raw = parseHeader(bytes, at, this.#at(offset));
    if (isExtension(raw.typeflag)) {
      this.#begin(raw, offset);
      return undefined;
    }
    const entry = this.#resolve(raw, bytes, at, offset);
    if (entry.sparse?.form === 'gnu' && hasSparseMap(bytes, at)) {
      this.#sparse = entry;
      this.#awaits = 'sparse-map';
      return undefined;
    }
    return this.#complete(entry);
  }

  /** Takes the whole body, {@link extensionSize} bytes, of the extension header that came last. */
  extension(body: Buffer): void {
    const place = this.#at(this.#start);
    this.#awaits = 'header';
    switch (this.#extension) {
      case TYPE.longName: this.#longName = longText(body, place); return;
      case TYPE.longLink: this.#longLink = longText(body, place); return;
      case TYPE.pax: this.#pax = attributesOf(parsePaxRecords(body, this.#limits, place), 'entry', place); return;
    }
    this.#globals = { ...this.#globals, ...attributesOf(parsePaxRecords(body, this.#limits, place), 'global', place) };
    this.#start = -1;
  }

  /** Takes one more block of the map of an old GNU sparse file. Gives the entry after the last one. */
  sparseMap(bytes: Buffer, at: number, offset: number): TarEntry | undefined {
    const entry = this.#sparse as TarEntry;
    this.#sparse = { ...entry, sparse: withMapBlock(entry.sparse as SparseForm, bytes, at) };
    if (!endsSparseMap(bytes, at)) return undefined;
    this.#awaits = 'header';
    return this.#complete({ ...this.#sparse, bodyOffset: offset + BLOCK });
  }

  #begin(raw: RawHeader, offset: number): void {
    const place = this.#at(offset);
    const { typeflag, size } = raw;
    const pax = typeflag === TYPE.pax;
    const gnu = this.#longName !== undefined || this.#longLink !== undefined;
    const again = pax ? this.#pax !== undefined : typeflag === TYPE.longName ? this.#longName !== undefined : this.#longLink !== undefined;
    if (typeflag === TYPE.globalPax ? this.#pax !== undefined || gnu : again) {
      throw malformed(place, typeflag === TYPE.globalPax ? 'a global pax header stands between an entry and its own extension' : 'an entry has the same extension header twice');
    }
    if (pax ? gnu : this.#pax !== undefined) throw malformed(place, 'an entry has both pax and GNU extension headers');
    if (size > this.#limits.paxBytes) throw overLimit(place, `an extension header has ${size} bytes`, 'paxBytes');
    this.#extension = typeflag;
    this.#extensionSize = size;
    this.#awaits = 'extension';
    // Nothing more to wait for.
    if (size === 0) this.extension(Buffer.alloc(0));
  }

  #resolve(raw: RawHeader, bytes: Buffer, at: number, offset: number): TarEntry {
    const pax = this.#pax ?? NO_ATTRIBUTES;
    const globals = this.#globals;
    const name = pax.sparseName ?? pax.path ?? this.#longName ?? raw.path;
    const place = this.#at(this.#start, name);
    const type = entryTypeOf(raw.typeflag, pax.path ?? this.#longName ?? raw.path, place);
    const sparse = sparseFormOf(raw, pax, bytes, at, this.#mode, place);
    const path = normalisePath(name, this.#mode, this.#limits, place);
    if (path === '' && type !== 'directory') throw malformed(place, `the name stands for the root folder but the entry is a ${type}`);
    return {
      path,
      type,
      size: sizeOf(raw, pax, type, place),
      mode: raw.mode & 0o7777,
      uid: pax.uid ?? raw.uid,
      gid: pax.gid ?? raw.gid,
      uname: pax.uname ?? globals.uname ?? raw.uname,
      gname: pax.gname ?? globals.gname ?? raw.gname,
      mtime: pax.mtime ?? globals.mtime ?? this.#wholeSeconds(raw.mtime),
      linkPath: this.#linkOf(pax.linkPath ?? this.#longLink ?? raw.linkPath, type, place),
      devMajor: raw.devMajor,
      devMinor: raw.devMinor,
      xattrs: pax.xattrs ?? NO_XATTRS,
      pax: pax.rest ?? NO_RECORDS,
      sparse,
      headerOffset: this.#start,
      bodyOffset: offset + BLOCK,
    };
  }

  /** Where an error would be: one object for all headers, for an error copies what it says. */
  #at(offset: number, entry?: string): TarPlace {
    this.#place.offset = offset;
    this.#place.entry = entry;
    return this.#place;
  }

  /** Many entries of one tar have the same time. */
  #wholeSeconds(seconds: number): TarTime {
    if (this.#time.seconds !== seconds) this.#time = { seconds, nanoseconds: 0 };
    return this.#time;
  }

  #linkOf(target: string, type: TarEntryType, place: TarPlace): string {
    if (type !== 'symlink' && type !== 'hardlink') {
      if (this.#longLink !== undefined || this.#pax?.linkPath !== undefined) throw malformed(place, `an extension header gives a link target to a ${type}`);
      return '';
    }
    if (target === '') throw malformed(place, `the ${type} has no target`);
    if (type === 'hardlink') {
      const path = normalisePath(target, this.#mode, this.#limits, place);
      if (path === '') throw malformed(place, 'the hard link points at the root folder');
      return path;
    }
    // A code unit is three bytes at most.
    if (target.length * 3 > this.#limits.pathBytes && Buffer.byteLength(target) > this.#limits.pathBytes) {
      throw overLimit(place, `the target of the link is longer than ${this.#limits.pathBytes} bytes`, 'pathBytes');
    }
    return target;
  }

  #complete(entry: TarEntry): TarEntry {
    const limit = this.#mode === 'archive' ? 'archiveEntries' : 'layerEntries';
    if (this.#entries === this.#limits[limit]) {
      throw overLimit({ file: this.#file, offset: this.#start, entry: entry.path }, `there are more than ${this.#entries} entries`, limit);
    }
    this.#entries++;
    this.#start = -1;
    this.#pax = undefined;
    this.#longName = undefined;
    this.#longLink = undefined;
    this.#sparse = undefined;
    return entry;
  }
}

/** Readers disagree on whether links, folders and devices have bodies, so they may not. */
function sizeOf(raw: RawHeader, pax: PaxAttributes, type: TarEntryType, place: TarPlace): number {
  const size = pax.size ?? raw.size;
  if (type !== 'file') {
    if (size !== 0 || raw.size !== 0) throw malformed(place, `the ${type} has a size of ${size || raw.size} bytes but can have no body`);
    return 0;
  }
  if (size !== raw.size && size < OCTAL_SIZE_END) throw malformed(place, `the header says ${raw.size} bytes, its pax header ${size}`);
  return size;
}
