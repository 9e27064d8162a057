import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeImage, type MadeImage } from '../make-image.js';

/** What a sample works with. */
export interface Workplace {
  /** A path in a temporary folder. */
  readonly path: (name: string) => string;
  /** A docker-save archive with `hello:1.2.0` in it. */
  readonly image: MadeImage;
  /** A store of its own; without this option the facade takes the user's. */
  readonly storeFolder: string;
}

/** Runs a sample in a temporary folder, and removes it afterwards. */
export async function inWorkplace(sample: (workplace: Workplace) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'imgkit-sample-'));
  const path = (name: string): string => join(folder, name);
  try {
    await sample({ path, image: await makeImage({ output: path('hello.tar') }), storeFolder: path('store') });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
