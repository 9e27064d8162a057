import type { WorkOptions } from '../src/progress.js';

/** Where an archive goes: a file that can be written at any place, or a stream that is written once, front to back. */
export type ArchiveTarget = FileTarget | StreamTarget;

export interface FileTarget {
  readonly kind: 'file';
  readonly path: string;
}

export interface StreamTarget {
  readonly kind: 'stream';
  /** As the user named it. */
  readonly name: string;
  /** Takes the whole archive of `size` bytes; resolves when it is safely at the target, with the bytes that went out: fewer when compressed. Rejects without leaving anything partial there. */
  consume(chunks: AsyncIterable<Uint8Array>, size: number, options: WorkOptions): Promise<number>;
}
