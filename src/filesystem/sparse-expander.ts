import { ImgkitError } from '../errors.js';
import { asBuffer } from '../tar/block.js';
import { malformed, type TarPlace } from '../tar/fault.js';
import type { Inode } from './inode.js';
import { BodyMapReader, checkMap, mapInHeaders, type SparseMap } from './sparse-map.js';

/** More headers, or a longer map, are not read into memory. */
const MOST_MAP_BYTES = 16 * 1024 * 1024;

/** Data of a sparse file and its place in the file. */
export interface SparsePiece {
  readonly data: Uint8Array;
  readonly offset: number;
}

/** Turns a sparse file as it is stored, headers and body, into pieces of the file; what no piece covers is zero. */
export class SparseExpander {
  readonly #inode: Inode;
  readonly #place: TarPlace;
  readonly #headerBytes: number;
  readonly #realSize: number;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #map: SparseMap | undefined;
  /** Of a map in the body, once the headers are done. */
  #reader: BodyMapReader | undefined;
  /** Pair of the map that comes next, and what of it is done. */
  #pair = 0;
  #done = 0;

  /** `name` is for errors. */
  constructor(inode: Inode, name: string) {
    const { sparse } = inode;
    if (sparse === undefined) throw new TypeError('the file is not sparse');
    this.#inode = inode;
    this.#place = { file: name, offset: sparse.headerOffset };
    this.#headerBytes = inode.bodyOffset - sparse.headerOffset;
    this.#realSize = sparse.realSize;
  }

  /** Takes the next stored bytes, the headers of the entry first. Throws `tar-malformed`, `limit-exceeded`. */
  *push(chunk: Uint8Array): Generator<SparsePiece> {
    let bytes = asBuffer(chunk);
    if (this.#map === undefined) {
      const rest = this.#findMap(bytes);
      if (rest === undefined) return;
      bytes = rest;
    }
    const map = this.#map as SparseMap;
    for (let at = 0; at < bytes.length;) {
      const [offset, length] = [map[this.#pair], map[this.#pair + 1]];
      if (offset === undefined || length === undefined) throw malformed(this.#place, 'the sparse file holds more than its map says');
      const data = bytes.subarray(at, at + length - this.#done);
      if (data.length > 0) yield { data, offset: offset + this.#done };
      at += data.length;
      this.#done += data.length;
      if (this.#done === length) {
        this.#pair += 2;
        this.#done = 0;
      }
    }
  }

  /** To be called when all of it was pushed. */
  end(): void {
    if (this.#map === undefined) throw malformed(this.#place, 'the map of the sparse file is cut short');
  }

  /** Looks for the map in the headers, which are held until they are whole, then in the body; gives the bytes after it once it is there. */
  #findMap(bytes: Buffer): Buffer | undefined {
    let body = bytes;
    if (this.#reader === undefined) {
      this.#held.push(Buffer.from(bytes));
      this.#heldBytes += bytes.length;
      if (this.#heldBytes < this.#headerBytes) return this.#within(this.#heldBytes);
      const all = Buffer.concat(this.#held);
      this.#held = [];
      body = all.subarray(this.#headerBytes);
      const map = mapInHeaders(all.subarray(0, this.#headerBytes), this.#place);
      if (map !== undefined) return this.#begin(map, 0, body);
      this.#reader = new BodyMapReader(this.#place);
    }
    const rest = this.#reader.push(body);
    const { map, length } = this.#reader;
    return rest === undefined ? this.#within(length) : this.#begin(map, length, rest);
  }

  #begin(map: SparseMap, length: number, rest: Buffer): Buffer {
    checkMap(map, this.#inode.size - length, this.#realSize, this.#place);
    this.#map = map;
    return rest;
  }

  #within(length: number): undefined {
    if (length <= MOST_MAP_BYTES) return undefined;
    throw new ImgkitError('limit-exceeded', `${this.#place.file}: the map of the sparse file at offset ${this.#place.offset} is longer than ${MOST_MAP_BYTES} bytes, which no tar writes; get it from another source.`, { file: this.#place.file, offset: this.#place.offset });
  }
}
