import { beginCall } from './begin-call.js';
import { TEXT } from './option-kinds.js';
import type { WriteOptions } from './options.js';
import type { MoveResult } from './results.js';
import { move } from './move.js';

/** Copies what one location means to another. Blobs stay as they are unless `compress` or the target's format asks otherwise. */
export async function copy(options: WriteOptions & { readonly from: string; readonly to: string }): Promise<MoveResult> {
  beginCall(options, { from: TEXT, to: TEXT });
  return move([options.from], options.to, options, false);
}
