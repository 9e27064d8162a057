import { stat } from 'node:fs/promises';
import { checkTrustFiles, type TrustFiles, type TrustManifest } from '../../crypto/trust/trust-manifest.js';
import { readTrustFolder } from '../../crypto/trust/read-trust-folder.js';
import { MANIFEST, OWNERS, pathFor, placeOf } from '../../crypto/trust/trust-layout.js';
import type { TrustFile } from '../../crypto/trust/trust.js';
import { writeTrustFolder } from '../../crypto/trust/write-trust-folder.js';
import { fromSystemError, ImgkitError } from '../../errors.js';
import { inspectTrust, type TrustEntry } from './inspect-trust.js';
import { ownersOf, readManifest, trustOf, verifyOwners } from './load-trust.js';
import { readPresentTrust, refuseForeignFiles } from './read-present-trust.js';
import { readTrustArchive } from './read-trust-archive.js';
import { recogniseTrustFile } from './recognise-trust-file.js';
import { withTrustLock } from './with-trust-lock.js';

export interface UpdateTrustOptions {
  /** Keys or CA certificates of owners, for a folder that has none yet. */
  readonly owners?: readonly TrustFile[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface UpdatedTrust {
  readonly folder: string;
  /** Undefined when there was none. */
  readonly from?: number | undefined;
  readonly to: number;
  /** Who signed it. */
  readonly signedBy: readonly string[];
  readonly owners: readonly TrustEntry[];
  readonly notes: readonly string[];
}

/**
 * Replaces a trust folder by a newer one, a folder or a tar of one (compressed too). It must be complete, readable, of a higher version
 * than what is there, and signed by an owner of the **present** trust; the first time by an owner that is named, or by its
 * own, who are then the ones to sign all later ones. The same version, with the same manifest, mends one that was damaged. Nothing is changed
 * unless all of it holds.
 * Throws `rollback-refused`, `signature-missing`, `signature-invalid`, `signature-untrusted`, `digest-mismatch`,
 * `document-malformed`, `key-malformed`, `usage`, and what reading and writing throws.
 */
export function updateTrust(folder: string, from: string, options: UpdateTrustOptions = {}): Promise<UpdatedTrust> {
  return withTrustLock(folder, async (place) => ({ ...(await update(place, from, options)), folder }), options.signal);
}

async function update(folder: string, from: string, options: UpdateTrustOptions): Promise<UpdatedTrust> {
  const present = await readPresentTrust(folder, options.signal);
  if (present !== undefined) refuseForeignFiles(present, folder);
  const old = present && readManifest(present, folder);
  if (present !== undefined) requireOwnersAsListed(present, old, folder);
  const next = await readNext(from, options.signal);
  const manifest = readManifest(next, from);
  if (manifest === undefined) throw new ImgkitError('document-malformed', `${from}: has no ${MANIFEST} with a version; make the trust with "imgkit trust add", and have an owner sign it.`, { file: from });
  checkTrustFiles(next, manifest, from);
  const [owners, pinned] = chooseOwners(folder, from, present, next, options.owners ?? []);
  const signatures = await verifyOwners(next, trustOf(owners, owners === next ? from : folder, { owner: true, at: new Date() }), from, options.signal);
  if (present === undefined || !mends(present, next)) refuseRollback(folder, from, old, manifest);
  const { entries, findings } = inspectTrust(next, new Date());
  const broken = entries.find(({ name }) => name === 'cannot be read');
  if (broken !== undefined) throw new ImgkitError('key-malformed', `${from}: ${findings.find(({ path }) => path === broken.path)?.message ?? broken.path}`, { file: from, entry: broken.path });
  await writeTrustFolder(folder, next);
  const notes = findings.filter(({ status }) => status === 'failed').map(({ path, message }) => `${path}: ${message}`);
  if (pinned) notes.push(`the owners of ${from} were not known before: compare their fingerprints with what they told you; only they can update it from now on`);
  if (!ownersOf(next)) notes.push('the new trust has no owners: it can only be updated by naming one with --owner');
  return { folder, from: old?.version, to: manifest.version, signedBy: signatures.map(({ identity, keyId }) => identity ?? keyId), owners: entries.filter(({ owner }) => owner), notes };
}

/** The owners who count are those of the version that is there, and it must be known which that is: else an older one could take its place. */
function requireOwnersAsListed(present: TrustFiles, old: TrustManifest | undefined, folder: string): void {
  const isOwners = ([path]: readonly [string, unknown]): boolean => path.startsWith(OWNERS);
  if (old !== undefined) return checkTrustFiles(new Map([...present].filter(isOwners)), { ...old, files: new Map([...old.files].filter(isOwners)) }, folder);
  if (!ownersOf(present) || [...present].every(isOwners)) return;
  throw new ImgkitError('rollback-refused', `${folder}: has lost its ${MANIFEST}, so nothing says of which version it is, and whether the new one is older; put that back, or move the folder away and start anew with --owner.`, { file: folder, entry: MANIFEST });
}

/** Whose signature counts: never that of the new trust's owners alone, once there are any. */
function chooseOwners(folder: string, from: string, present: TrustFiles | undefined, next: TrustFiles, named: readonly TrustFile[]): readonly [TrustFiles, pinned: boolean] {
  if (present !== undefined && ownersOf(present)) {
    if (named.length > 0) throw new ImgkitError('usage', `${folder} has owners already, who alone may change it: leave out --owner.`);
    return [present, false];
  }
  if (named.length > 0) return [asOwners(named), false];
  if (present !== undefined) throw new ImgkitError('signature-untrusted', `${folder}: has no owners whose signature could be checked; name one with --owner FILE (a public key or a CA certificate).`, { file: folder });
  if (!ownersOf(next)) throw new ImgkitError('signature-missing', `${from}: names no owners; name the one who signed it with --owner FILE.`, { file: from });
  return [next, true];
}

function asOwners(named: readonly TrustFile[]): TrustFiles {
  const files = new Map<string, Uint8Array>();
  for (const [i, file] of named.entries()) {
    for (const { kind, name, bytes, append } of recogniseTrustFile(file, { identity: 'owner' })) {
      const path = append ? pathFor({ kind, owner: true }, name) : `${pathFor({ kind, owner: true }, `${i}-${name}`)}`;
      files.set(path, Buffer.concat([files.get(path) ?? Buffer.alloc(0), bytes]));
    }
  }
  const stray = [...files.keys()].find((path) => placeOf(path) === undefined);
  if (stray !== undefined) throw new ImgkitError('usage', `--owner: ${stray} is no key of an owner; name an SSH, minisign or cosign public key, or a root certificate.`);
  return files;
}

/** True for the very version that is there, where that lost something or was changed: errors say to get it again. */
function mends(present: TrustFiles, next: TrustFiles): boolean {
  const differs = ([path, bytes]: readonly [string, Uint8Array]): boolean => Buffer.compare(present.get(path) ?? Buffer.alloc(0), bytes) !== 0;
  return present.has(MANIFEST) && !differs([MANIFEST, next.get(MANIFEST) as Uint8Array]) && (present.size !== next.size || [...next].some(differs));
}

function refuseRollback(folder: string, from: string, old: TrustManifest | undefined, next: TrustManifest): void {
  if (old === undefined || next.version > old.version) return;
  const what = next.version === old.version ? 'the version that is there' : `version ${next.version}, older than version ${old.version} that is there`;
  throw new ImgkitError('rollback-refused', `${from}: is ${what} in ${folder}; get the newest one from its owner.`, { file: from, expected: `> ${old.version}`, found: String(next.version) });
}

async function readNext(from: string, signal: AbortSignal | undefined): Promise<TrustFiles> {
  const info = await stat(from).catch((error: unknown) => { throw fromSystemError(error, from, 'reading it'); });
  return info.isDirectory() ? readTrustFolder(from, signal) : readTrustArchive(from, signal);
}
