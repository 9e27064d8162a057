import type { BlobPassTools, LayerScanner } from '../content/blob-pass-run.js';
import { sniffCompression } from '../content/compression.js';
import { runSealPass } from '../crypto/encrypt/ocicrypt/run-seal-pass.js';
import { ImgkitError } from '../errors.js';
import { LoneLayer } from '../filesystem/lone-layer.js';
import type { Limits } from '../limits.js';
import { TarScanner } from '../tar/tar-scanner.js';
import { printable } from '../tar/text.js';

/** What a blob pass needs from rooms that content does not know. */
export const BLOB_PASS_TOOLS: BlobPassTools = { scanLayer, seal: runSealPass };

/** Checks a layer strictly, and notes what engines refuse of it if it is to be judged. */
function scanLayer(file: string, limits: Limits, judge: boolean): LayerScanner {
  const alone = judge ? new LoneLayer() : undefined;
  const scanner = new TarScanner({ file, mode: 'layer', limits, onEntry: alone && ((entry) => alone.add(entry)) });
  let begun = false;
  return {
    push(chunk) {
      if (!begun) refuseCompressed(chunk, file);
      begun = true;
      scanner.push(chunk);
    },
    end: () => {
      const { entries, notes } = scanner.end();
      return { entries, notes: [...notes, ...notesOf(alone)], names: alone?.packNames() };
    },
  };
}

/** A tar that begins as compressed data does would be two layers: readers go by the media type, or by the content. */
function refuseCompressed(chunk: Uint8Array, file: string): void {
  const found = sniffCompression(chunk);
  if (found !== 'none') throw new ImgkitError('compression-malformed', `${file}: begins as ${found} does, where its media type or diffID makes it a plain tar; readers disagree about it, so have its image made again.`, { file, offset: 0 });
}

function notesOf(alone: LoneLayer | undefined): readonly string[] {
  if (alone === undefined) return [];
  const { misplaced, notes } = alone;
  if (misplaced === undefined) return notes;
  return [`entry "${printable(misplaced.entry)}" at offset ${misplaced.offset}: ${misplaced.problem}, and so no engine unpacks the layer`, ...notes];
}
