import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { finishDigest, type Digest } from '../../content/digest.js';
import { throwIfInterrupted } from '../../content/interrupted.js';
import { lentBytes } from '../../content/lent-chunk.js';
import type { WorkOptions } from '../../progress.js';
import type { LocalFile } from './local-file.js';
import type { RemoteTarget } from './remote-target.js';

/** Where to go on, and why not further on where that is less than what lies there. */
export interface Prefix {
  readonly offset: number;
  /** One sentence part for people: what was done about a part file that was found. */
  readonly note?: string | undefined;
}

/** Up to here, sending again is as cheap as finding out. */
const CHEAP = 256 * 1024;
/** Looks at a part file that changes from one to the next, and milliseconds between them. */
const LOOKS = 30;
const BETWEEN = 100;

/**
 * How much of `file` the part file at the far end holds for certain. Its size proves nothing: a cut may leave holes of NULs or the tail of
 * something older. So the server hashes it, or all of it is read back and compared. Any doubt means 0. While the size changes, the server is
 * still at work on what it got before a cut, and is waited for.
 */
export async function provePrefix(file: LocalFile, target: RemoteTarget, part: string, options: WorkOptions): Promise<Prefix> {
  const { transport } = target;
  const { signal } = options;
  for (let looks = 1; looks <= LOOKS; looks += 1) {
    const there = await transport.stat(part, { signal });
    if (there?.kind !== 'file' || there.size === 0) return { offset: 0 };
    const prefix = await prove(file, target, part, there.size, options);
    if ((await transport.stat(part, { signal }))?.size === there.size) return prefix;
    await delay(BETWEEN);
    throwIfInterrupted(signal, `sending ${file.path}`);
  }
  return anew('the part file there does not stop to change');
}

async function prove(file: LocalFile, target: RemoteTarget, part: string, size: number | undefined, options: WorkOptions): Promise<Prefix> {
  const { transport, abilities } = target;
  if (!abilities.append) return anew('the server cannot continue a file');
  if (size === undefined) return anew('the server does not tell how much it has');
  if (size > file.size) return anew(`the part file there has ${size} bytes, more than the file`);
  const theirs = abilities.hash ? await transport.hash(part, { signal: options.signal }) : undefined;
  if (theirs !== undefined) {
    const ours = await hashPrefix(file, size, options);
    return ours === theirs ? { offset: size, note: `continued at byte ${size}: the server's hash of the part file is right` } : anew(`the ${size} bytes there are not the first of the file`);
  }
  if (size <= CHEAP) return anew(`only ${size} bytes were there, and the server computes no hash of it`);
  if (await sameBytes(file, target, part, size, options)) return { offset: size, note: `continued at byte ${size}: the part file was read back, for the server computes no hash of it` };
  return anew(`the ${size} bytes there are not the first of the file`);
}

function anew(why: string): Prefix {
  return { offset: 0, note: `started anew: ${why}` };
}

async function hashPrefix({ source }: LocalFile, length: number, { signal }: WorkOptions): Promise<Digest> {
  const hash = createHash('sha256');
  for await (const chunk of source.stream({ offset: 0, length }, signal)) hash.update(chunk);
  return finishDigest(hash, 'sha256');
}

/** True when the remote file is exactly the first `length` bytes of ours. Stops at the first difference. */
export async function sameBytes({ source, path }: LocalFile, { transport }: Pick<RemoteTarget, 'transport'>, remote: string, length: number, { signal, onProgress }: WorkOptions): Promise<boolean> {
  let at = 0;
  for await (const chunk of transport.read(remote, { lent: true, signal })) {
    if (at + chunk.length > length || !Buffer.from(await source.read(at, chunk.length)).equals(lentBytes(chunk))) return false;
    at += chunk.length;
    onProgress?.({ phase: 'read back', item: path, done: at, total: length });
  }
  return at === length;
}
