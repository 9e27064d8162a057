import { randomBytes } from 'node:crypto';
import { newPartId } from '../../content/part-file.js';
import type { Abilities, Transport } from '../../transport/transport.js';

/** A file at a host, under its final name. */
export interface RemoteTarget {
  readonly transport: Transport;
  readonly abilities: Abilities;
  /** The final path, absolute at the server. */
  readonly path: string;
  /** For people: the URL without a query. */
  readonly shown: string;
  /** The URL has a query, which is taken for a signature: it is good for one request, and nothing else can be asked. */
  readonly presigned: boolean;
}

/** Milliseconds that cleaning up may take: it happens after a failure, perhaps of the very connection. */
const CLEAN_UP = 10_000;
/** Leaves room for `.`, the id and `.part` in the 255 bytes that file systems take. */
const NAME_BYTES = 200;
/** Of the digest of what is known before it is sent: with these its parts begin their ids. */
const CONTENT_DIGITS = 16;

/** The path that a file has until it is complete: `.NAME.ID.part` in the same folder. Receivers ignore it. */
export function partPath(path: string, id: string): string {
  const slash = path.lastIndexOf('/') + 1;
  const name = Buffer.from(path.slice(slash)).subarray(0, NAME_BYTES).toString('utf8').replace(/\ufffd+$/, '');
  return `${path.slice(0, slash)}.${name}.${id}.part`;
}

/** True for the names that {@link partPath} gives. */
export function isPartName(name: string): boolean {
  return /^\..+\.[0-9a-f]{8,}\.part$/.test(name);
}

/** The beginning of the ids of all parts of what has this digest (hexadecimal). */
export function contentId(hex: string): string {
  return hex.slice(0, CONTENT_DIGITS);
}

/** An id that says of what it is a part and who writes it: no two processes ever write to one file, and a later one finds what an earlier one left. */
export async function ownPartId(hex: string): Promise<string> {
  return `${contentId(hex)}${await newPartId()}`;
}

/** An id that no other process has. */
export function randomId(): string {
  return randomBytes(8).toString('hex');
}

/** Removes a file after a failure, which it must not hide. Works although the work itself was aborted. */
export async function removeQuietly({ transport }: Pick<RemoteTarget, 'transport'>, path: string): Promise<void> {
  await transport.remove(path, { signal: AbortSignal.timeout(CLEAN_UP) }).catch(() => undefined);
}

/** Gives `from` its final name; with `replace` whatever is there goes, in one step where the server can. */
export async function renameOver({ transport, abilities }: Pick<RemoteTarget, 'transport' | 'abilities'>, from: string, to: string, replace: boolean, signal: AbortSignal | undefined): Promise<void> {
  if (replace && abilities.rename === 'refuse') await transport.remove(to, { signal });
  await transport.rename(from, to, { replace, signal });
}
