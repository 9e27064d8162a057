import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { digestAlgorithm, digestHex, type Digest } from '../../content/digest.js';
import { makeFolder } from '../../content/make-private.js';
import type { TrustFile } from '../../crypto/trust/trust.js';
import { fromSystemError, ImgkitError, isImgkitError } from '../../errors.js';
import { parseReference } from '../../image/reference.js';
import { SIGNING_LIMITS } from '../../limits.js';
import type { NetworkOptions } from '../../network/network-options.js';
import { openTransport } from '../../transport/open-transport.js';
import { parseRemoteUrl } from '../../transport/remote-url.js';
import { readSmall } from '../ship/read-small.js';
import { readBoundedFile } from './read-bounded-file.js';
import { writeSmallFile } from '../../content/write-small-file.js';

/** A lookaside store and what in it is asked for. */
export interface LookasideQuery {
  /** A folder, or the URL of one, as registries.d names it. */
  readonly place: string;
  /** A name of the image. */
  readonly name: string;
  readonly digest: Digest;
}

/**
 * Where skopeo, podman and CRI-O look for signature number `index` of an image, below what registries.d names as `lookaside`
 * (containers-registries.d(5)): the registry is no part of it, for there is a place for each.
 */
function signaturePath({ name, digest }: LookasideQuery, index: number): string {
  return `${parseReference(name).repository}@${digestAlgorithm(digest)}=${digestHex(digest)}/signature-${index}`;
}

/**
 * The signatures of a manifest for the repository of a name, in order, up to the first number that is not there. Throws `limit-exceeded`,
 * and what reading files and hosts throws.
 */
export async function readLookaside(query: LookasideQuery, { network, signal }: { readonly network?: NetworkOptions | undefined; readonly signal?: AbortSignal | undefined } = {}): Promise<readonly TrustFile[]> {
  const { place } = query;
  if (!isUrl(place)) return collect(query, (path) => readLocal(join(place, path), signal));
  const { path: base, shown } = parseRemoteUrl(place);
  const transport = await openTransport(place, network);
  const folder = base.replace(/\/+$/, '');
  try {
    return await collect(query, async (path) => {
      const bytes = await readSmall({ transport, shown }, `${folder}/${path}`, signal);
      return bytes && { name: `${shown.replace(/\/+$/, '')}/${path}`, bytes };
    });
  } finally {
    await transport.close();
  }
}

/** Adds a signature behind those that are there, and gives its path; the folder is made. Throws `usage` for a URL, `limit-exceeded`, `disk-full`, `io-failed`. */
export async function writeLookaside(query: LookasideQuery, signature: Uint8Array): Promise<string> {
  if (isUrl(query.place)) throw new ImgkitError('usage', `${query.place}: signatures are written into a folder here; write them, and bring the folder to the host.`);
  const folder = dirname(join(query.place, signaturePath(query, 1)));
  await makeFolder(folder, 0o777);
  for (let index = 1; index <= SIGNING_LIMITS.signatures; index += 1) {
    const path = join(query.place, signaturePath(query, index));
    try {
      await writeSmallFile(path, signature, { overwrite: false });
      return path;
    } catch (error) {
      if (!isImgkitError(error, 'file-exists')) throw error;
    }
  }
  throw new ImgkitError('limit-exceeded', `${folder}: holds ${SIGNING_LIMITS.signatures} signatures already; remove those that nobody needs.`, { file: folder });
}

async function collect(query: LookasideQuery, read: (path: string) => Promise<TrustFile | undefined>): Promise<readonly TrustFile[]> {
  const found: TrustFile[] = [];
  for (;;) {
    const file = await read(signaturePath(query, found.length + 1));
    if (file === undefined) return found;
    if (found.length === SIGNING_LIMITS.signatures) throw new ImgkitError('limit-exceeded', `${dirname(file.name)}: holds more than the ${SIGNING_LIMITS.signatures} signatures that are looked at; remove those that nobody needs.`, { file: dirname(file.name) });
    found.push(file);
  }
}

async function readLocal(path: string, signal: AbortSignal | undefined): Promise<TrustFile | undefined> {
  try {
    // Opening a pipe that somebody put there would wait for ever.
    if (!(await stat(path)).isFile()) throw new ImgkitError('signature-malformed', `${path}: is no file; remove it, or get the signatures again.`, { file: path });
    return await readBoundedFile(path, SIGNING_LIMITS.signatureBytes, signal);
  } catch (error) {
    const told = fromSystemError(error, path, 'reading it');
    if (isImgkitError(told, 'file-not-found')) return undefined;
    throw told;
  }
}

function isUrl(place: string): boolean {
  return /^[a-z]+:\/\//i.test(place);
}
