import type { ByteSource } from '../content/byte-source.js';
import type { Limits } from '../limits.js';
import { asBuffer, BLOCK, firstNonZero, paddingOf } from './block.js';
import { EntryAssembler } from './entry-assembler.js';
import { malformed, SHORT, truncated } from './fault.js';
import { resolveLink } from './link-target.js';
import { SlidingWindow } from './sliding-window.js';
import type { TarEntry } from './tar-entry.js';
import { UniqueNames } from './unique-names.js';

/** Where everything in an outer archive lies. */
export interface TarIndex {
  /** In the order of the archive. */
  readonly entries: readonly TarEntry[];
  /** The entry with exactly this (normalised) path. */
  get(path: string): TarEntry | undefined;
  /**
   * The regular file at `path`, through symlinks and hard links inside the archive; undefined when there is none.
   * Throws `tar-malformed` on a cycle, past 8 hops, or when a link leaves the archive.
   */
  resolve(path: string): TarEntry | undefined;
}

/**
 * Indexes an uncompressed outer archive by positional reads that skip the bodies. Verifies every header, that each
 * body lies within the source, that names are unique (see {@link UniqueNames}), that the end marker is there and
 * that only zeros follow. Throws `tar-malformed`, `tar-truncated` or `limit-exceeded`, with offsets in bytes.
 */
export async function readTarIndex(source: ByteSource, limits: Limits): Promise<TarIndex> {
  const file = source.name;
  const window = new SlidingWindow(source);
  const assembler = new EntryAssembler(file, 'archive', limits);
  const names = new UniqueNames(file);
  const entries: TarEntry[] = [];
  let offset = 0;
  for (;;) {
    const size = assembler.awaits === 'extension' ? assembler.extensionSize : BLOCK;
    if (offset + size > source.size) throw endsEarly(file, source.size, offset);
    if (!window.covers(offset, size)) await window.move(offset, size);
    const { bytes } = window;
    const at = offset - window.start;
    if (assembler.awaits === 'extension') {
      assembler.extension(bytes.subarray(at, at + size));
      offset += size + paddingOf(size);
      continue;
    }
    if (bytes[at] === 0 && firstNonZero(bytes, at, at + BLOCK) === -1) break;
    const entry = assembler.header(bytes, at, offset);
    offset += BLOCK;
    if (entry === undefined) continue;
    offset = entry.bodyOffset + entry.size + paddingOf(entry.size);
    names.add(entry);
    if (offset > source.size) throw bodyMissing(file, source.size, entry);
    entries.push(entry);
  }
  if (assembler.openSince !== -1) throw malformed({ file, offset: assembler.openSince }, 'an extension header is followed by the end-of-archive marker');
  await checkEnd(source, offset, window);
  names.finish();
  const byPath = names.entries;
  return { entries, get: (path) => byPath.get(path), resolve: (path) => resolveLink(file, byPath, path) };
}

/** From `offset`, where a zero block stands, to the end there must be two zero blocks or more, and nothing else. */
async function checkEnd(source: ByteSource, offset: number, window: SlidingWindow): Promise<void> {
  const file = source.name;
  if (source.size - offset < 2 * BLOCK) throw truncated({ file, offset }, 'the end-of-archive marker has one zero block instead of two');
  let from = offset;
  const rest = source.size - offset;
  if (window.covers(offset, rest)) checkZeros(file, window.bytes, offset - window.start, window.start, offset);
  else {
    for await (const chunk of source.stream({ offset, length: rest })) {
      checkZeros(file, asBuffer(chunk), 0, from, offset);
      from += chunk.length;
    }
    if (from !== source.size) throw truncated({ file, offset: from }, 'the file became shorter while it was read');
  }
}

function checkZeros(file: string, bytes: Buffer, at: number, start: number, marker: number): void {
  const wrong = firstNonZero(bytes, at);
  if (wrong === -1) return;
  const offset = start + wrong;
  throw malformed({ file, offset }, offset < marker + 2 * BLOCK ? 'a single zero block stands before an entry' : 'there is data after the end-of-archive marker');
}

function endsEarly(file: string, size: number, offset: number): Error {
  return truncated({ file, offset: size }, offset >= size ? 'there is no end-of-archive marker' : size < BLOCK ? SHORT : 'the file ends inside a header');
}

function bodyMissing(file: string, size: number, entry: TarEntry): Error {
  const end = entry.bodyOffset + entry.size;
  return truncated({ file, offset: entry.headerOffset, entry: entry.path }, `the entry ends at offset ${end} but the file at ${size}`);
}
