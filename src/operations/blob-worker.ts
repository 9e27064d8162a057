import { serveBlobPasses } from '../content/blob-pass-worker.js';
import { TarScanner } from '../tar/tar-scanner.js';

// The entry script of every worker thread of a blob pool.
serveBlobPasses({ scanLayer: (file, limits) => new TarScanner({ file, mode: 'layer', limits }) });
