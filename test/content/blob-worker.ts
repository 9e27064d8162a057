import { serveBlobPasses } from '../../src/content/blob-pass-worker.js';
import { countingTools } from './counting-tools.js';

// A worker whose layer scanner only counts, or dies when told to.
serveBlobPasses(countingTools);
