import type { BlobPassTools, LayerScanner } from '../content/blob-pass-run.js';
import { runSealPass } from '../crypto/encrypt/ocicrypt/run-seal-pass.js';
import { LoneLayer } from '../filesystem/lone-layer.js';
import type { Limits } from '../limits.js';
import { printable } from '../tar/text.js';
import { TarScanner } from '../tar/tar-scanner.js';

/** What a blob pass needs from rooms that content does not know. */
export const BLOB_PASS_TOOLS: BlobPassTools = { scanLayer, seal: runSealPass };

/** Checks a layer strictly, and notes what engines refuse of it if it is to be judged. */
function scanLayer(file: string, limits: Limits, judge: boolean): LayerScanner {
  if (!judge) return new TarScanner({ file, mode: 'layer', limits });
  const alone = new LoneLayer();
  const scanner = new TarScanner({ file, mode: 'layer', limits, onEntry: (entry) => alone.add(entry) });
  return {
    push: (chunk) => scanner.push(chunk),
    end: () => {
      const { entries, notes } = scanner.end();
      const { misplaced } = alone;
      const below = misplaced === undefined ? [] : [`entry "${printable(misplaced.entry)}" at offset ${misplaced.offset}: ${misplaced.problem}, and so no engine unpacks the layer`];
      return { entries, notes: [...notes, ...below, ...alone.notes] };
    },
  };
}
