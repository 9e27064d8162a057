import { setTimeout as delay } from 'node:timers/promises';
import { throwIfInterrupted } from '../../content/interrupted.js';
import { partWriter } from '../../content/part-file.js';
import { isImgkitError } from '../../errors.js';
import { joinRemote, splitRemotePath } from '../../transport/remote-name.js';
import type { RemoteEntry } from '../../transport/transport.js';
import { SIDECAR_SUFFIXES } from './commit-upload.js';
import { isBeingWritten, newPart, type OwnPart } from './own-part.js';
import { contentId, partPath, removeQuietly, type RemoteTarget } from './remote-target.js';

/** A part file at a host that this process alone writes to. */
export interface HeldPart extends OwnPart {
  /** Something that the user should know. */
  readonly note?: string | undefined;
  /** Removes what killed processes left of other files of this name: once there is one, nobody goes on with them. Throws nothing. */
  sweep(): Promise<void>;
}

/** Looks at a part of another machine, and milliseconds between them: it must not change for so long. */
const LOOKS = 4;
const BETWEEN = 250;

/**
 * The part file for a file of this digest (hexadecimal), named for this process alone. What an earlier one left of the same file is taken
 * over by giving it this name, which only one of several can: unless its process runs, or may run on another machine and still adds to it.
 * Where nothing can be continued, as over HTTP, it goes with the others.
 * Whoever calls this releases it.
 */
export async function holdPart(target: RemoteTarget, hex: string, signal: AbortSignal | undefined): Promise<HeldPart> {
  const { path: part, release } = await newPart(target.path, hex);
  const continues = target.abilities.partial !== 'never';
  try {
    const beside = await partsBeside(target, signal).catch((error: unknown) => {
      if (continues || isImgkitError(error, 'interrupted')) throw error;
      return [];
    });
    const { name: wanted } = splitRemotePath(target.path);
    const isOurs = ({ name, id }: LeftPart): boolean => continues && name === wanted && id.startsWith(contentId(hex));
    const sweep = (): Promise<void> => removeDead(target, beside.filter((each) => !isOurs(each)), () => false).catch(() => undefined);
    const left = beside.filter(isOurs);
    let note: string | undefined;
    for (const each of left.toSorted((a, b) => (b.entry.size ?? 0) - (a.entry.size ?? 0))) {
      const writer = await writerOf(each);
      if (writer === 'nobody' || (writer === 'elsewhere' && (await restsFor(target, each, signal)))) {
        if (await takeOver(target, each.path, part, signal)) return { path: part, release, sweep };
      } else {
        note = 'another process sends the same file there; this one sends all of it too';
      }
    }
    return { path: part, note, release, sweep };
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * Removes what killed processes left of a file that is there, and of what stands beside it. A part of a process that runs stays, and so does
 * one of another machine, unless it is of this very file, which nobody needs any more.
 */
export async function removeLeftParts(target: RemoteTarget, hex: string, signal: AbortSignal | undefined): Promise<void> {
  const { name } = splitRemotePath(target.path);
  await removeDead(target, await partsBeside(target, signal), (each) => each.name === name && each.id.startsWith(contentId(hex)));
}

/** Removes those whose process is gone, and those of other machines of which `spent` says that nobody needs them. */
async function removeDead(target: RemoteTarget, parts: readonly LeftPart[], spent: (part: LeftPart) => boolean): Promise<void> {
  for (const each of parts) {
    const writer = await writerOf(each);
    if (writer === 'nobody' || (writer === 'elsewhere' && spent(each))) await removeQuietly(target, each.path);
  }
}

interface LeftPart {
  readonly path: string;
  /** Of the file that it is a part of. */
  readonly name: string;
  readonly id: string;
  readonly entry: RemoteEntry;
}

/** The parts of this file and of what stands beside it. None where the folder cannot be listed: then nothing is continued. */
async function partsBeside(target: RemoteTarget, signal: AbortSignal | undefined): Promise<readonly LeftPart[]> {
  const { transport, abilities, path } = target;
  if (!abilities.list) return [];
  const { folder, name } = splitRemotePath(path);
  const entries = await transport.list(folder, { signal }).catch((error: unknown) => {
    if (isImgkitError(error, 'file-not-found', 'remote-refused', 'location-unsupported', 'limit-exceeded')) return [];
    throw error;
  });
  return entries.flatMap((entry): readonly LeftPart[] => {
    const [, id] = /\.([0-9a-f]{16}(?:[0-9a-f]{24})?)\.part$/.exec(entry.name) ?? [];
    if (id === undefined || entry.kind !== 'file') return [];
    const at = joinRemote(folder, entry.name);
    // Long names are cut: what a part is called tells, not what is cut out of it.
    const of = [name, ...SIDECAR_SUFFIXES.map((suffix) => `${name}${suffix}`)].find((each) => partPath(joinRemote(folder, each), id) === at);
    return of === undefined ? [] : [{ path: at, name: of, id, entry }];
  });
}

/** Old parts, whose ids are half as long, say nothing of their writer. */
async function writerOf({ path, id }: LeftPart): Promise<'nobody' | 'somebody' | 'elsewhere'> {
  const writer = await partWriter(id.slice(contentId(id).length));
  if (writer === 'elsewhere') return 'elsewhere';
  return writer === 'gone' || (writer === 'this' && !isBeingWritten(path)) ? 'nobody' : 'somebody';
}

/** Whether the part stays as long as it is, for a while. */
async function restsFor({ transport }: RemoteTarget, { path }: LeftPart, signal: AbortSignal | undefined): Promise<boolean> {
  const size = (await transport.stat(path, { signal }))?.size;
  for (let looks = 1; looks <= LOOKS; looks += 1) {
    await delay(BETWEEN);
    throwIfInterrupted(signal, `sending to ${path}`);
    if ((await transport.stat(path, { signal }))?.size !== size) return false;
  }
  return size !== undefined;
}

/** False when somebody else was faster. */
async function takeOver({ transport }: RemoteTarget, from: string, to: string, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await transport.rename(from, to, { replace: false, signal });
    return true;
  } catch (error) {
    if (isImgkitError(error, 'file-not-found', 'remote-refused')) return false;
    throw error;
  }
}
