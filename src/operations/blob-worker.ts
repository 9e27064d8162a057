import { serveBlobPasses } from '../content/blob-pass-worker.js';
import { BLOB_PASS_TOOLS } from './blob-pass-tools.js';

// The entry script of every worker thread of a blob pool.
serveBlobPasses(BLOB_PASS_TOOLS);
