// Follows the work, and stops it: an aborted call rejects with `interrupted` and leaves nothing behind.
import { createReadStream } from 'node:fs';
import { isImgkitError, list, load, verify } from '../src/index.js';
import { inWorkplace } from './support/workplace.js';

await inWorkplace(async ({ image, storeFolder }) => {
  const done = new Map<string, number>();
  await verify({ target: image.output, onProgress: ({ item, done: bytes }) => void done.set(item, bytes) });
  console.log(`${done.size} blobs, ${[...done.values()].reduce((sum, bytes) => sum + bytes, 0)} bytes`);

  const abort = new AbortController();
  const slow = createReadStream(image.output, { highWaterMark: 4096 });
  try {
    // `-` reads `stdin`. The first 4096 bytes are reported, and that is enough for us.
    await load({ from: '-', stdin: slow, storeFolder, signal: abort.signal, onProgress: () => abort.abort() });
  } catch (error) {
    if (!isImgkitError(error, 'interrupted')) throw error;
    console.log(`interrupted; images in the store: ${(await list({ storeFolder })).images.length}`);
  }
});
