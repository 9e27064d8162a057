// Follows the work, and stops it: an aborted call rejects with `interrupted` and leaves nothing behind.
import { readdir } from 'node:fs/promises';
import { isImgkitError, save, verify } from '../src/index.js';
import { inWorkplace } from './support/workplace.js';

await inWorkplace(async ({ path, image }) => {
  const done = new Map<string, number>();
  await verify({ target: image.output, onProgress: (event) => void done.set(event.item, event.done) });
  console.log(`${done.size} blobs, ${[...done.values()].reduce((sum, bytes) => sum + bytes, 0)} bytes`);

  const abort = new AbortController();
  try {
    await save({ images: [image.output], output: path('saved.tar'), signal: abort.signal, onProgress: () => abort.abort() });
  } catch (error) {
    if (!isImgkitError(error, 'interrupted')) throw error;
    console.log(`interrupted; left behind: ${(await readdir(path('.'))).filter((name) => name.includes('saved')).length} files`);
  }
});
