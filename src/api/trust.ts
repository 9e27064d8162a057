import type { WorkOptions } from '../progress.js';
import { ImgkitError } from '../errors.js';
import { TRUST_LIMITS } from '../limits.js';
import { readTrustFolder } from '../crypto/trust/read-trust-folder.js';
import type { Trust, TrustFile } from '../crypto/trust/trust.js';
import { addToTrust, removeFromTrust, type ChangedTrust } from '../operations/trust/change-trust.js';
import { inspectGpgKeys } from '../operations/trust/inspect-gpg-keys.js';
import { inspectTrust, type TrustEntry, type TrustFinding } from '../operations/trust/inspect-trust.js';
import { loadTrust, ownersOf, readManifest } from '../operations/trust/load-trust.js';
import { readBoundedFile } from '../operations/trust/read-bounded-file.js';
import { updateTrust, type UpdatedTrust } from '../operations/trust/update-trust.js';
import { beginCall } from './begin-call.js';
import { PATH, TEXTS } from './option-kinds.js';

/** A trust folder: who is believed. */
export interface TrustFolderOptions extends Pick<WorkOptions, 'signal'> {
  readonly folder: string;
}

export interface TrustAddOptions extends TrustFolderOptions {
  /** CA certificates, CRLs, public keys, allowed_signers, policy.json: what each is, its content says. */
  readonly files: readonly string[];
  /** Whose an SSH key is. */
  readonly identity?: string | undefined;
  /** They say who may change this trust, not whom to believe about archives. */
  readonly asOwner?: boolean | undefined;
  /** The SSH keys in them are not to be believed any more. */
  readonly revoked?: boolean | undefined;
  /** Replace what is there under the same name. */
  readonly force?: boolean | undefined;
  /** Whether every CA needs a current CRL. Default: as it is, at first `if-present`. */
  readonly revocation?: Trust['revocation'] | undefined;
}

export interface TrustListing {
  readonly folder: string;
  /** Undefined for a folder that was made by hand. */
  readonly version?: number | undefined;
  readonly created?: Date | undefined;
  readonly revocation: Trust['revocation'];
  /** True when it names owners, who must sign every version. */
  readonly owned: boolean;
  readonly entries: readonly TrustEntry[];
}

export interface TrustCheck extends TrustListing {
  /** False when anything is broken, expired, stale or weak. */
  readonly ok: boolean;
  readonly findings: readonly TrustFinding[];
}

/** Adds files to a trust folder, which is made when it is not there. Throws `key-malformed`, `key-refused`, `usage`, `file-exists`, and what a broken folder throws. */
export async function trustAdd(options: TrustAddOptions): Promise<ChangedTrust> {
  beginCall(options, { folder: PATH, files: TEXTS });
  const { folder, files, ...more } = options;
  return addToTrust(folder, await read(files, options.signal), more);
}

/** Takes entries out: by path in the folder, fingerprint, key ID or name, as listed. Throws `path-not-found`. */
export async function trustRemove(options: TrustFolderOptions & { readonly entries: readonly string[] }): Promise<ChangedTrust> {
  beginCall(options, { folder: PATH, entries: TEXTS });
  return removeFromTrust(options.folder, options.entries, options.signal);
}

/** What a trust folder holds. It is not asked whether that is believed: see {@link trustCheck}. */
export async function trustList(options: TrustFolderOptions): Promise<TrustListing> {
  beginCall(options, { folder: PATH });
  const { folder, signal } = options;
  const files = await readTrustFolder(folder, signal);
  const manifest = readManifest(files, folder);
  const { entries } = inspectTrust(files, new Date());
  return { folder, version: manifest?.version, created: manifest?.created, revocation: manifest?.revocation ?? 'if-present', owned: ownersOf(files), entries };
}

/** Whether a trust folder can be used at `at` (now), and what will soon be a problem. Throws only when it cannot be read at all. */
export async function trustCheck(options: TrustFolderOptions & { readonly at?: Date | undefined }): Promise<TrustCheck> {
  beginCall(options, { folder: PATH });
  const { folder, signal, at = new Date() } = options;
  const listing = await trustList({ folder, signal });
  const files = await readTrustFolder(folder, signal);
  const findings = [...inspectTrust(files, at).findings, ...(await inspectGpgKeys(files, at))];
  await loadTrust(folder, { at, signal }).catch((error: unknown) => {
    if (!(error instanceof ImgkitError) || error.code === 'interrupted') throw error;
    findings.unshift({ status: 'failed', path: '', message: error.message });
  });
  return { ...listing, ok: findings.every(({ status }) => status !== 'failed'), findings };
}

/** Replaces a trust folder by a newer version, signed by an owner of the present one. Throws as `updateTrust`. */
export async function trustUpdate(options: TrustFolderOptions & { readonly from: string; readonly owners?: readonly string[] | undefined }): Promise<UpdatedTrust> {
  beginCall(options, { folder: PATH, from: PATH });
  const { folder, from, owners = [], signal } = options;
  return updateTrust(folder, from, { owners: await read(owners, signal), signal });
}

async function read(paths: readonly string[], signal: AbortSignal | undefined): Promise<readonly TrustFile[]> {
  const files: TrustFile[] = [];
  for (const path of paths) files.push(await readBoundedFile(path, TRUST_LIMITS.fileBytes, signal));
  return files;
}
