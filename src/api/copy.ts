import type { WriteOptions } from './options.js';
import type { MoveResult } from './results.js';
import { move } from './move.js';

/** Copies what one location means to another. Blobs stay as they are unless `compress` or the target's format asks otherwise. */
export function copy(options: WriteOptions & { readonly from: string; readonly to: string }): Promise<MoveResult> {
  return move([options.from], options.to, options, false);
}
