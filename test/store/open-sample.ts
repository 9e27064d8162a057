import type { ExecutionContext } from 'ava';
import { resolveLimits } from '../../src/limits.js';
import { LayoutBlobs } from '../../src/store/layout-blobs.js';
import { openStore, type Store } from '../../src/store/store.js';
import { transferOf, writeBlobs, type SampleImage } from './sample-image.js';
import { temporaryFolder } from './temporary-folder.js';
import { threadPool } from './thread-pool.js';

export const limits = resolveLimits();

/** An empty store in a fresh folder. */
export async function emptyStore(t: ExecutionContext): Promise<Store> {
  return openStore({ folder: await temporaryFolder(t), limits });
}

/** A source that holds `images`, closed with the test. */
export async function sourceOf(t: ExecutionContext, ...images: readonly SampleImage[]): Promise<LayoutBlobs> {
  const folder = await temporaryFolder(t);
  await writeBlobs(folder, ...images);
  const blobs = new LayoutBlobs(folder);
  t.teardown(() => blobs.close());
  return blobs;
}

/** Loads `image` under `names`. */
export async function loadInto(t: ExecutionContext, store: Store, image: SampleImage, names: readonly string[], options: { readonly force?: boolean } = {}): Promise<void> {
  const sink = store.sink({ pool: threadPool(), ...options });
  try {
    await sink.write(transferOf(image, await sourceOf(t, image), names));
  } finally {
    await sink.discard();
  }
}
