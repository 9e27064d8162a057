import type { BlobPassTools } from '../../src/content/blob-pass-run.js';
import { ImgkitError } from '../../src/errors.js';

/** A layer scanner that counts chunks; the name of the blob tells it to misbehave. */
export const countingTools: BlobPassTools = {
  seal() {
    throw new TypeError('nothing is sealed here');
  },
  scanLayer(name) {
    let size = 0;
    return {
      push(chunk) {
        size += chunk.length;
        if (name === 'refuse') throw new ImgkitError('tar-malformed', 'refuse: a bad header.', { file: 'refuse', entry: 'e', offset: 512, expected: 'a', found: 'b' });
        if (name === 'bug') throw new TypeError('not a function');
        if (name === 'die') process.exit(3);
        if (name === 'slow') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      },
      end: () => ({ entries: size, notes: [`scanned ${name}`] }),
    };
  },
};
