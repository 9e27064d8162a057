import { beginCall } from './begin-call.js';
import { TEXT } from './option-kinds.js';
import type { WriteOptions } from './options.js';
import type { MoveResult } from './results.js';
import { move } from './move.js';

/**
 * Verifies everything in an archive, diffIDs and layer structure included, and puts it into the local store, or `into`
 * another location (`docker-daemon:`, `oci:DIR`). Nothing is referenced at the target unless all of it is right.
 */
export async function load(options: WriteOptions & { readonly from: string; readonly into?: string | undefined }): Promise<MoveResult> {
  beginCall(options, { from: TEXT });
  return move([options.from], options.into ?? 'store:', options, true);
}
