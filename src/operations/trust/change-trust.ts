import { isKrl } from '../../crypto/sign/ssh-krl.js';
import { MANIFEST, isManifestFile, pathFor, placeOf } from '../../crypto/trust/trust-layout.js';
import { checkTrustFiles, formatTrustManifest, type TrustFiles } from '../../crypto/trust/trust-manifest.js';
import type { Trust, TrustFile } from '../../crypto/trust/trust.js';
import { writeTrustFolder } from '../../crypto/trust/write-trust-folder.js';
import { keyFileIdentity } from '../../crypto/sign/key-file-identity.js';
import { ImgkitError } from '../../errors.js';
import { inspectTrust, type TrustEntry } from './inspect-trust.js';
import { ownersOf, readManifest } from './load-trust.js';
import { readPresentTrust, refuseForeignFiles } from './read-present-trust.js';
import { withTrustLock } from './with-trust-lock.js';
import { requireNewerLists } from './require-newer-lists.js';
import { recogniseTrustFile, type Recognised, type RecogniseOptions } from './recognise-trust-file.js';

export interface AddToTrustOptions extends RecogniseOptions {
  /** The files say who may change the trust, not whom to believe about archives. */
  readonly asOwner?: boolean | undefined;
  /** Replace a policy that is there. */
  readonly force?: boolean | undefined;
  /** Whether every CA needs a current CRL. */
  readonly revocation?: Trust['revocation'] | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ChangedTrust {
  readonly folder: string;
  readonly version: number;
  /** What is there now and was not, or the reverse. */
  readonly changed: readonly TrustEntry[];
  /** Whether every CA needs a current CRL, if that was changed. */
  readonly revocation?: Trust['revocation'] | undefined;
  readonly notes: readonly string[];
}

/**
 * Adds files to a trust folder, each where its kind belongs, and makes the folder when it is not there. All of it becomes visible
 * at once, with a new version. Throws what `recogniseTrustFile` throws, `file-exists`, and what reading the folder throws.
 */
export function addToTrust(folder: string, inputs: readonly TrustFile[], options: AddToTrustOptions = {}): Promise<ChangedTrust> {
  return change(folder, options.signal, options.revocation, (files) => {
    const owner = options.asOwner === true;
    for (const input of inputs) for (const part of recogniseTrustFile(input, options)) place(files, part, owner, options.force === true, folder);
  });
}

/** Takes out what `what` names: paths in the folder, or fingerprints, key IDs and identities as `list` shows them. Throws `path-not-found`. */
export function removeFromTrust(folder: string, what: readonly string[], signal?: AbortSignal): Promise<ChangedTrust> {
  return change(folder, signal, undefined, (files) => {
    for (const each of what) {
      if (files.has(each) && !isManifestFile(each)) {
        files.delete(each);
        continue;
      }
      const all = inspectTrust(files, new Date()).entries.filter((entry) => isMeant(entry, each));
      // Who takes out a key does not mean that it is not revoked any more.
      const trusted = all.filter(({ kind }) => kind !== 'revoked');
      const found = trusted.length > 0 ? trusted : all;
      if (found.length === 0) throw new ImgkitError('path-not-found', `${folder}: holds nothing called ${JSON.stringify(each)}; "imgkit trust list" shows what is there.`, { file: folder, entry: each });
      for (const entry of found) removeEntry(files, entry);
    }
  });
}

function change(folder: string, signal: AbortSignal | undefined, revocation: Trust['revocation'] | undefined, edit: (files: Map<string, Uint8Array>) => void): Promise<ChangedTrust> {
  return withTrustLock(folder, async (place) => {
    const present = await readPresent(place, signal);
    const files = new Map(present);
    edit(files);
    return { ...(await save(place, present, files, revocation)), folder };
  }, signal);
}

/** The files of a folder that may not be there yet; what it has must be as its manifest says. */
async function readPresent(folder: string, signal: AbortSignal | undefined): Promise<TrustFiles> {
  const files = (await readPresentTrust(folder, signal)) ?? new Map<string, Uint8Array>();
  const manifest = readManifest(files, folder);
  if (manifest !== undefined) checkTrustFiles(files, manifest, folder);
  return files;
}

function place(files: Map<string, Uint8Array>, { kind, name, bytes, append }: Recognised, owner: boolean, force: boolean, folder: string): void {
  const path = pathFor({ kind, owner }, name);
  if (placeOf(path) === undefined) throw new ImgkitError('usage', `${name}: is of a kind (${kind}) that cannot ${owner ? 'be an owner of' : 'belong to'} a trust; ${owner ? 'owners are SSH, minisign or cosign keys and root certificates' : 'leave it out'}.`);
  const old = files.get(path);
  if (old === undefined || Buffer.compare(old, bytes) === 0) {
    files.set(path, bytes);
  } else if (append) {
    if (isKrl(old)) throw new ImgkitError('file-exists', `${folder}: has a binary list of revoked keys (KRL), to which no line can be added; add the key to your copy of it with ssh-keygen -k -u, and put that in its place with --force.`, { file: folder, entry: path });
    const lines = Buffer.from(old).toString('utf8').split('\n').filter((line) => line !== '');
    const more = Buffer.from(bytes).toString('utf8').split('\n').filter((line) => line !== '' && !lines.includes(line));
    files.set(path, Buffer.from(`${[...lines, ...more].join('\n')}\n`));
  } else if (force || kind === 'crl') {
    // A list takes the place of the one before it.
    if (!force) requireNewerLists({ name: path, bytes: old }, { name, bytes }, folder);
    files.set(path, bytes);
  } else {
    throw new ImgkitError('file-exists', `${folder}: has another ${path} already; remove it first, or give the new one another name.`, { file: folder, entry: path });
  }
}

/** Kinds that are lines of one file. */
const LISTS: ReadonlySet<TrustEntry['kind']> = new Set(['allowed-signers', 'revoked', 'age-recipients']);

/** Kinds whose files say by their names whose the key is, with their ending or without. */
const NAMED_BY_FILE: ReadonlySet<TrustEntry['kind']> = new Set(['minisign', 'cosign', 'gpg']);

function isMeant({ path, kind, name, fingerprint }: TrustEntry, what: string): boolean {
  return what === fingerprint || what === name || (NAMED_BY_FILE.has(kind) && keyFileIdentity(path, what) !== undefined);
}

/** A line of a list, or the file. */
function removeEntry(files: Map<string, Uint8Array>, { path, kind, fingerprint, name }: TrustEntry): void {
  const bytes = files.get(path);
  if (!LISTS.has(kind) || bytes === undefined || isKrl(bytes)) {
    files.delete(path);
    return;
  }
  const lines = Buffer.from(bytes).toString('utf8').split('\n').filter((line) => line !== '');
  const kept = lines.filter((line) => !inspectTrust(new Map([[path, Buffer.from(`${line}\n`)]]), new Date(0)).entries.some((entry) => entry.fingerprint === fingerprint && entry.name === name));
  if (kept.length === 0) files.delete(path);
  else files.set(path, Buffer.from(`${kept.join('\n')}\n`));
}

async function save(folder: string, present: TrustFiles, files: Map<string, Uint8Array>, revocation: Trust['revocation'] | undefined): Promise<ChangedTrust> {
  const manifest = readManifest(present, folder);
  const next = { version: (manifest?.version ?? 0) + 1, created: new Date(), revocation: revocation ?? manifest?.revocation ?? 'if-present' } as const;
  const own = [...files].filter(([path]) => placeOf(path) !== undefined);
  refuseForeignFiles(files, folder);
  const { changed, replaced } = changesBetween(present, files);
  if (changed.length === 0 && manifest !== undefined && next.revocation === manifest.revocation) return { folder, version: manifest.version, changed, notes: [`${folder} holds all of it already; nothing was changed`] };
  const written = new Map<string, Uint8Array>(own);
  written.set(MANIFEST, formatTrustManifest(written, next));
  await writeTrustFolder(folder, written);
  const gone = replaced.map(({ path, name, fingerprint }) => `in place of ${name} in ${path}${fingerprint === undefined ? '' : ` (${fingerprint})`}, which is gone`);
  const notes = ownersOf(written) ? [...gone, `the folder has owners, and is believed only when one of them signed it: imgkit sign ${folder}/${MANIFEST} --key OWNER_KEY`] : gone;
  const rule = next.revocation === (manifest?.revocation ?? 'if-present') ? undefined : next.revocation;
  return { folder, version: next.version, changed, revocation: rule, notes };
}

/** What came or, if nothing did, what went; and what went for what came. */
function changesBetween(before: TrustFiles, after: TrustFiles): { readonly changed: readonly TrustEntry[]; readonly replaced: readonly TrustEntry[] } {
  const at = new Date();
  const key = (entry: TrustEntry): string => JSON.stringify([entry.path, entry.name, entry.fingerprint]);
  const [old, now] = [inspectTrust(before, at).entries, inspectTrust(after, at).entries];
  const [oldKeys, nowKeys] = [new Set(old.map(key)), new Set(now.map(key))];
  const [added, removed] = [now.filter((entry) => !oldKeys.has(key(entry))), old.filter((entry) => !nowKeys.has(key(entry)))];
  if (added.length > 0) return { changed: added, replaced: removed };
  if (removed.length > 0) return { changed: removed, replaced: [] };
  const changed = now.filter(({ path }) => Buffer.compare(before.get(path) ?? Buffer.alloc(0), after.get(path) ?? Buffer.alloc(0)) !== 0);
  return { changed, replaced: [] };
}
