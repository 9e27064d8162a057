import type { BlobPassTools } from '../content/blob-pass-run.js';
import { runSealPass } from '../crypto/encrypt/ocicrypt/run-seal-pass.js';
import { TarScanner } from '../tar/tar-scanner.js';

/** What a blob pass needs from rooms that content does not know. */
export const BLOB_PASS_TOOLS: BlobPassTools = {
  scanLayer: (file, limits) => new TarScanner({ file, mode: 'layer', limits }),
  seal: runSealPass,
};
