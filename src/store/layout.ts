import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobSource, FileRange } from '../content/byte-source.js';
import type { Descriptor } from '../content/descriptor.js';
import type { Digest } from '../content/digest.js';
import { fromSystemError, ImgkitError } from '../errors.js';
import { checkLayoutFile } from '../image/oci-layout-file.js';
import type { Limits } from '../limits.js';
import { controlFolder, makeLayoutFolder, type ControlFolder } from './control-folder.js';
import { inFolder, readControlFile, readIndexFile, writeIndexFile, type IndexFile } from './index-file.js';
import { LayoutBlobs } from './layout-blobs.js';
import { withLock } from './lock.js';
import { replaceFile } from './replace-file.js';

const LAYOUT_FILE = 'oci-layout';
const LAYOUT_TEXT = '{"imageLayoutVersion":"1.0.0"}';

/** An open OCI image layout (OCI image spec, image-layout.md): index.json as it was when opened, and the blobs. */
export class Layout implements BlobSource {
  readonly folder: string;
  readonly index: IndexFile;
  readonly #blobs: LayoutBlobs;

  constructor(folder: string, index: IndexFile) {
    this.folder = folder;
    this.index = index;
    this.#blobs = new LayoutBlobs(folder);
  }

  /** The descriptors of index.json, in its order. */
  get descriptors(): readonly Descriptor[] {
    return this.index.entries.map(({ descriptor }) => descriptor);
  }

  stat(digest: Digest): Promise<number | undefined> {
    return this.#blobs.stat(digest);
  }

  openUnverified(digest: Digest, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    return this.#blobs.openUnverified(digest, signal);
  }

  locate(digest: Digest): Promise<FileRange | undefined> {
    return this.#blobs.locate(digest);
  }

  /** Closes the blobs that were located. Safe to call twice. */
  close(): Promise<void> {
    return this.#blobs.close();
  }
}

export interface OpenLayoutOptions {
  /** Make an empty layout when the folder is missing or empty. */
  readonly create: boolean;
  readonly limits: Limits;
}

/**
 * Opens the OCI image layout in `folder`. Verifies `oci-layout` and reads `index.json` strictly; blobs are looked at when they are read.
 * Throws `file-not-found`, `format-unknown` (there is something else), `document-malformed`, `io-failed`. The caller closes it.
 */
export async function openLayout(folder: string, options: OpenLayoutOptions): Promise<Layout> {
  const { limits } = options;
  if (!(await isLayout(folder, limits))) {
    await requireRoomForLayout(folder, options.create);
    if (!options.create) throw notALayout(folder);
    await createLayout(controlFolder(folder, { permanent: false }), limits);
  }
  return new Layout(folder, await readIndexFile(folder, limits));
}

/** Makes an empty layout where there is none, under the lock; one that is there already, or appears meanwhile, is left as it is. */
export async function createLayout(control: ControlFolder, limits: Limits): Promise<void> {
  await makeLayoutFolder(control);
  await withLock(control, async () => {
    await markLayout(control, limits);
    const index = await readIndexFile(control.layout, limits, 'empty');
    if (index.raw === undefined) await writeIndexFile(control, index, [], limits);
  });
}

/** Writes `oci-layout` where it is missing. Call it under the lock. */
export async function markLayout(control: ControlFolder, limits: Limits): Promise<void> {
  if (!(await isLayout(control.layout, limits))) await replaceFile(control, LAYOUT_FILE, LAYOUT_TEXT);
}

/** True when `folder` holds a valid `oci-layout`, false when it holds none. Throws `document-malformed`. */
export async function isLayout(folder: string, limits: Limits): Promise<boolean> {
  const bytes = await readControlFile(join(folder, LAYOUT_FILE), limits.documentBytes);
  if (bytes === undefined) return false;
  inFolder(folder, () => checkLayoutFile(bytes, limits));
  return true;
}

/** Refuses to turn a folder of something else into a layout; what an interrupted run of ours left is no obstacle. Throws `format-unknown`. */
export async function requireRoomForLayout(folder: string, create: boolean): Promise<void> {
  try {
    const names = await readdir(folder);
    // The file that was missing a moment ago: another process made the layout in between.
    if (names.includes(LAYOUT_FILE) || names.every((name) => name === '.imgkit' || name === 'blobs')) return;
  } catch (error) {
    if (create && (error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw fromSystemError(error, folder, 'listing the folder');
  }
  throw notALayout(folder);
}

function notALayout(folder: string): ImgkitError {
  return new ImgkitError('format-unknown', `${folder}: not an OCI image layout (it has no oci-layout file); name the folder of a layout, or a new one to write to.`, { file: folder, entry: LAYOUT_FILE });
}
