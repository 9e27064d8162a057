import { constants } from 'node:fs';
import { open, readdir, readFile, stat, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from '../../content/make-private.js';
import { stringifyCanonical } from '../../content/json-write.js';
import { writeSmallFile } from '../../content/write-small-file.js';
import { fromSystemError } from '../../errors.js';
import { holdFile } from '../../store/hold-file.js';

/** What a part file is a part of. Another version of the remote file is another file. */
export interface PartIdentity {
  readonly url: string;
  readonly digest: string;
  readonly size?: number | undefined;
  readonly version?: string | undefined;
  readonly modified?: string | undefined;
}

/** A file that is being fetched: `.NAME.ID.part`, and beside it a journal that says of what. */
export interface LocalPart {
  readonly path: string;
  readonly handle: FileHandle;
  /** How many bytes are there. */
  readonly offset: number;
}

/** Bytes of the final name that a part's name repeats, with room for what is put beside it: file systems take 255 in all. */
const MOST_NAME = 200;

export function localPartPath(path: string, id: string): string {
  return join(dirname(path), `.${Buffer.from(basename(path)).subarray(0, MOST_NAME).toString()}.${id}.part`);
}

/**
 * Takes the part of the file `path` for this process; resolves with what gives it back. Of two that fetch it at once, the one would give the
 * final name to what the other has only begun. A folder that is not there is made. Throws `store-locked`, at once and naming the holder, and `io-failed`.
 */
export async function lockLocalPart(part: string, path: string): Promise<() => Promise<void>> {
  // The lock would make a folder for us alone.
  await makeFolder(dirname(path), 0o777);
  return holdFile(`${part}.lock`, (who) => `${path}: is being fetched by another process already (${who}); wait until it has ended, or choose another name with -o.`);
}

/**
 * Opens the part of `identity` that an earlier process left, when its journal says it is of this very version; else starts one.
 * The caller closes the handle. Throws `disk-full`, `io-failed`.
 */
export async function openLocalPart(part: string, identity: PartIdentity): Promise<LocalPart> {
  const journal = stringifyCanonical({ ...identity });
  const known = await readFile(journalPath(part), 'utf8').catch(() => undefined);
  if (known === journal) {
    const handle = await open(part, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0)).catch(() => undefined);
    if (handle !== undefined) return { path: part, handle, offset: (await handle.stat()).size };
  }
  await removeLocalPart(part);
  try {
    await writeSmallFile(journalPath(part), Buffer.from(journal), { overwrite: true });
    return { path: part, handle: await open(part, 'wx+', 0o600), offset: 0 };
  } catch (error) {
    // Whatever is there holds nothing.
    await removeLocalPart(part);
    throw fromSystemError(error, part, 'creating it');
  }
}

/** Removes a part that holds nothing to go on from: on a full disk even that would be in the way. */
export async function removeEmptyPart({ path, handle }: LocalPart): Promise<void> {
  const { size } = await handle.stat();
  if (size === 0) await removeLocalPart(path);
}

/** Removes a part file and its journal. */
export async function removeLocalPart(part: string): Promise<void> {
  for (const path of [part, journalPath(part)]) await unlink(path).catch(() => undefined);
}

/** Removes what a process had no time to that was killed when it had given `part` its final name `path`. A part of anything else stays. */
export async function removeSpentPart(part: string, path: string): Promise<void> {
  const [left, file] = await Promise.all([part, path].map((each) => stat(each).catch(() => undefined)));
  if (left === undefined || (left.ino === file?.ino && left.dev === file.dev)) await removeLocalPart(part);
}

/** Removes the parts of other files of this name that nobody fetches: now that the name is given, nobody goes on with them. Throws nothing. */
export async function removeOtherParts(part: string, path: string): Promise<void> {
  const [folder, name] = [dirname(path), basename(path)];
  // What was cut out of a long name would tell whose part it is.
  if (Buffer.byteLength(name) > MOST_NAME) return;
  for (const other of await readdir(folder).catch(() => [])) {
    const id = other.startsWith(`.${name}.`) ? other.slice(name.length + 2) : '';
    if (!/^[0-9a-f]{16}\.part$/.test(id) || other === basename(part)) continue;
    const left = join(folder, other);
    const release = await holdFile(`${left}.lock`, () => '').catch(() => undefined);
    if (release === undefined) continue;
    await removeLocalPart(left);
    await release();
  }
}

function journalPath(part: string): string {
  return `${part}.json`;
}
