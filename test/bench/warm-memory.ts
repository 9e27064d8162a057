import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { freemem } from 'node:os';
import { join } from 'node:path';

/** More than any job writes. */
const BYTES = 2 * 1024 ** 3;
const PIECE = Buffer.alloc(1024 * 1024, 1);

/**
 * Fills that much page cache in `folder` and frees it, so that what is measured next finds memory that the machine has: a virtual one gives
 * freed memory back to its host within seconds, and to get it anew takes longer than most jobs. Without this, whoever comes second
 * in a pair writes into what the first has just freed, and seems to be quicker. Does nothing where memory is scarce.
 */
export function warmMemory(folder: string): void {
  if (freemem() < 3 * BYTES) return;
  const path = join(folder, 'warm');
  const fd = openSync(path, 'w');
  try {
    for (let at = 0; at < BYTES; at += PIECE.length) writeSync(fd, PIECE);
  } finally {
    closeSync(fd);
    unlinkSync(path);
  }
}
