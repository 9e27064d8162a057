import { hash } from 'node:crypto';
import { TYPE } from './entry-type.js';
import { malformed, type TarPlace } from './fault.js';
import type { RawHeader } from './header.js';
import { parseNumeric } from './numeric.js';
import type { PaxAttributes } from './pax-attributes.js';
import type { SparseForm, TarMode } from './tar-entry.js';

/** Where the map of an old GNU sparse file begins in its header, and the bytes of one offset and length. */
const MAP = 386;
const PAIR = 24;

/**
 * How a file is stored sparsely: type `S` (old GNU) or `GNU.sparse.*` records (pax 0.0, 0.1 and 1.0); undefined
 * when it is not. Throws `tar-malformed` in an outer archive, where names and sizes of sparse files are read
 * differently, and when the form is incomplete.
 */
export function sparseFormOf(raw: RawHeader, pax: PaxAttributes, bytes: Buffer, at: number, mode: TarMode, place: TarPlace): SparseForm | undefined {
  const old = raw.typeflag === TYPE.sparse;
  if (!old && pax.sparse === undefined) return undefined;
  if (mode === 'archive') throw malformed(place, 'sparse files have no place in an image archive');
  if (old && pax.sparse !== undefined) throw malformed(place, 'the file is sparse in two ways at once');
  if (old && raw.magic !== 'gnu') throw malformed(place, 'the entry is of type S but its header is not of the GNU dialect');
  if (!old && raw.typeflag !== 0 && raw.typeflag !== 0x30) throw malformed(place, 'only a file can be sparse');
  const realSize = old ? parseNumeric(bytes, at + 483, 12) : pax.sparseSize;
  if (realSize === undefined || !(realSize >= 0)) throw malformed(place, 'the sparse file does not say its real size');
  return { form: old ? 'gnu' : 'pax', realSize, map: old ? hashOf(bytes.subarray(at + MAP, at + MAP + 4 * PAIR)) : hashOf(pax.sparseMap ?? '') };
}

/** `sparse` with one more block of its map, the one at `at`. */
export function withMapBlock(sparse: SparseForm, bytes: Buffer, at: number): SparseForm {
  return { ...sparse, map: hashOf(Buffer.concat([Buffer.from(sparse.map, 'latin1'), bytes.subarray(at, at + 21 * PAIR)])) };
}

function hashOf(map: string | Uint8Array): string {
  return map.length === 0 ? '' : hash('sha256', map, 'binary');
}

/** True when blocks of the sparse map follow the `S` header at `at`. */
export function hasSparseMap(bytes: Buffer, at: number): boolean {
  return bytes[at + 482] !== 0;
}

/** True when no further block follows the block of the sparse map at `at`. */
export function endsSparseMap(bytes: Buffer, at: number): boolean {
  return bytes[at + 504] === 0;
}
