import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Descriptor } from '../content/descriptor.js';
import { parseJson, type JsonObject, type JsonValue } from '../content/json.js';
import { stringifyCanonical } from '../content/json-write.js';
import { fromSystemError, ImgkitError } from '../errors.js';
import { writeDescriptor } from '../image/descriptor-json.js';
import { parseIndex } from '../image/image-index.js';
import { OCI_INDEX } from '../image/media-type.js';
import type { Limits } from '../limits.js';
import type { ControlFolder } from './control-folder.js';
import { replaceFile } from './replace-file.js';

/** One descriptor of index.json. */
export interface IndexEntry {
  readonly descriptor: Descriptor;
  /** As another tool wrote it, fields we do not know included; undefined for an entry of ours. */
  readonly raw?: JsonValue | undefined;
}

/** index.json of a layout, checked strictly; what is not ours to change is kept as it was. */
export interface IndexFile {
  readonly entries: readonly IndexEntry[];
  /** The whole document, undefined when there is none yet. */
  readonly raw?: JsonObject | undefined;
}

/** Reads `index.json` in `folder`. Throws `file-not-found` unless `missing` is `empty`, `document-malformed`, `limit-exceeded`, `io-failed`. */
export async function readIndexFile(folder: string, limits: Limits, missing: 'refuse' | 'empty' = 'refuse'): Promise<IndexFile> {
  const bytes = await readControlFile(join(folder, 'index.json'), limits.documentBytes);
  if (bytes === undefined) {
    if (missing === 'empty') return { entries: [] };
    throw new ImgkitError('file-not-found', `${folder}: has no index.json, so it is no complete OCI image layout; copy it again.`, { file: folder, entry: 'index.json' });
  }
  const { manifests } = inFolder(folder, () => parseIndex(bytes, undefined, limits));
  // parseIndex has proven that this is an object whose `manifests`, unless null, is a list.
  const raw = parseJson(bytes, 'index.json', limits) as JsonObject;
  const rawEntries = (raw.get('manifests') ?? []) as readonly JsonValue[];
  return { raw, entries: manifests.map((descriptor, i) => ({ descriptor, raw: rawEntries[i] })) };
}

/** Replaces `index.json` atomically and durably, keeping every other field of `before`. Call it under the lock. Throws as {@link encodeIndexFile}, `disk-full`, `io-failed`. */
export async function writeIndexFile(control: ControlFolder, before: IndexFile, entries: readonly IndexEntry[], limits: Limits): Promise<void> {
  await replaceFile(control, 'index.json', encodeIndexFile(control, before, entries, limits));
}

/** The text of {@link writeIndexFile}. Throws `limit-exceeded` for one that could not be read again: nobody could take a name out of it, either. */
export function encodeIndexFile({ layout }: ControlFolder, before: IndexFile, entries: readonly IndexEntry[], { descriptors, documentBytes }: Limits): string {
  const document = new Map<string, JsonValue>(before.raw ?? [['schemaVersion', 2], ['mediaType', OCI_INDEX]]);
  // Ours to write whatever is in it: a descriptor's Maps and strings are JSON already.
  document.set('manifests', entries.map(({ raw, descriptor }) => raw ?? (writeDescriptor(descriptor) as unknown as JsonValue)));
  const text = stringifyCanonical(document);
  if (entries.length <= descriptors && Buffer.byteLength(text) <= documentBytes) return text;
  throw new ImgkitError('limit-exceeded', `${layout}: its index.json would have ${String(entries.length)} names and images in ${String(Buffer.byteLength(text))} bytes; ${String(descriptors)} and ${String(documentBytes)} can be read. Remove some first: imgkit rm.`, { file: layout });
}

/** The bytes of a small regular file, or undefined when it is not there. Follows no symbolic link. Throws `limit-exceeded`, `io-failed`. */
export async function readControlFile(path: string, most: number): Promise<Uint8Array | undefined> {
  try {
    const handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    try {
      const { size } = await handle.stat();
      if (size > most) throw new ImgkitError('limit-exceeded', `${path}: has ${String(size)} bytes, more than the ${String(most)} allowed; raise the limit documentBytes if you trust its source.`, { file: path });
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw fromSystemError(error, path, 'reading it');
  }
}

/** Runs a parser that knows documents only, and puts the folder into what it complains about. */
export function inFolder<T>(folder: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ImgkitError)) throw error;
    throw new ImgkitError(error.code, `${folder}: ${error.message}`, { ...error.details, file: folder }, { cause: error });
  }
}
