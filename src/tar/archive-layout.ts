import { BLOCK, paddingOf } from './block.js';
import { encodeHeader, type TarHeaderFields } from './encode-header.js';

/** Where one entry goes. */
export interface LayoutItem {
  /** The header blocks, pax extended header included. */
  readonly header: Uint8Array;
  readonly headerOffset: number;
  readonly bodyOffset: number;
  /** Bytes of the body. */
  readonly size: number;
  /** Zero bytes after the body. */
  readonly padding: number;
}

/** An archive planned to the byte before any of it is written. */
export interface ArchiveLayout {
  /** In the order given. */
  readonly items: readonly LayoutItem[];
  /** The end marker: two zero blocks, without padding to a tape record. */
  readonly trailer: { readonly offset: number; readonly size: number };
  /** Bytes of the whole archive. */
  readonly totalSize: number;
}

/** Plans a tar of `entries`, in that order. Deterministic: see {@link TarHeaderFields} for the defaults. Throws `usage` as {@link encodeHeader} does. */
export function layOut(entries: readonly TarHeaderFields[]): ArchiveLayout {
  let offset = 0;
  const items = entries.map((entry): LayoutItem => {
    const header = encodeHeader(entry);
    const size = entry.size ?? 0;
    const item = { header, headerOffset: offset, bodyOffset: offset + header.length, size, padding: paddingOf(size) };
    offset = item.bodyOffset + size + item.padding;
    return item;
  });
  return { items, trailer: { offset, size: 2 * BLOCK }, totalSize: offset + 2 * BLOCK };
}
