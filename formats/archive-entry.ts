import { stringifyCanonical, type JsonWritable } from '../src/content/json-write.js';
import type { TransferBlob } from '../src/image/image-sink.js';

/** One file of an archive to be written: its size is planned before anything is. */
export type ArchiveEntry = { readonly path: string; readonly size: number } & (
  | { readonly bytes: Uint8Array }
  | { readonly blob: TransferBlob }
);

export function bytesEntry(path: string, bytes: Uint8Array): ArchiveEntry {
  return { path, size: bytes.length, bytes };
}

export function jsonEntry(path: string, value: JsonWritable): ArchiveEntry {
  return bytesEntry(path, Buffer.from(stringifyCanonical(value), 'utf8'));
}
