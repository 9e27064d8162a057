import { join } from 'node:path';
import { isManifestFile, MANIFEST, MANIFEST_STATEMENT, placeOf, type TrustKind } from '../../crypto/trust/trust-layout.js';
import { checkTrustFiles, parseTrustManifest, type TrustFiles, type TrustManifest } from '../../crypto/trust/trust-manifest.js';
import { readTrustFolder } from '../../crypto/trust/read-trust-folder.js';
import type { Trust, TrustFile } from '../../crypto/trust/trust.js';
import { SIGNATURE_SUFFIX, type VerifiedSignature } from '../../crypto/sign/signature.js';
import { ImgkitError } from '../../errors.js';
import { parsePolicy } from '../../policy/parse-policy.js';
import type { Policy } from '../../policy/policy.js';
import { expectedFile, proveFile } from './prove-file.js';
import { verifyStatement } from './verify-statement.js';
import { createHash } from 'node:crypto';

export interface LoadTrustOptions {
  /** The time that counts for expiry and revocation. Default: now. */
  readonly at?: Date | undefined;
  /** Who must have signed. */
  readonly identity?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A trust folder that was read and, if it has owners, is as one of them signed it. */
export interface LoadedTrust {
  readonly trust: Trust;
  /** Of `policy.json`; undefined when there is none. */
  readonly policy: Policy | undefined;
  /** Undefined for a folder without manifest, made by hand. */
  readonly manifest: TrustManifest | undefined;
  readonly notes: readonly string[];
}

/**
 * Reads a trust folder. With a manifest, it must hold exactly the files that the manifest lists; with owners, the manifest must
 * be signed by one of them. The material itself is parsed by the formats that need it (`checkTrust` parses all).
 * Throws what `readTrustFolder`, `parseTrustManifest`, `checkTrustFiles`, `verifyOwners` and `parsePolicy` throw.
 */
export async function loadTrust(folder: string, options: LoadTrustOptions = {}): Promise<LoadedTrust> {
  const files = await readTrustFolder(folder, options.signal);
  const notes: string[] = [];
  const manifest = readManifest(files, folder);
  if (manifest === undefined) notes.push(`${folder} has no ${MANIFEST}: nothing says which files belong to it; make one with "imgkit trust add"`);
  else checkTrustFiles(files, manifest, folder);
  for (const path of files.keys()) if (placeOf(path) === undefined && !isManifestFile(path)) notes.push(`${folder}: the file ${path} is none of a trust folder and is not used`);
  // Owners sign now, whatever time their trust is asked about.
  if (ownersOf(files)) await verifyOwners(files, trustOf(files, folder, { owner: true, at: new Date() }), folder, options.signal);
  const policy = files.get('policy.json');
  return {
    manifest, notes,
    trust: { ...trustOf(files, folder, { owner: false, at: options.at ?? new Date() }), revocation: manifest?.revocation ?? 'if-present', identity: options.identity },
    policy: policy && parsePolicy(policy, join(folder, 'policy.json')),
  };
}

export function readManifest(files: TrustFiles, folder: string): TrustManifest | undefined {
  const bytes = files.get(MANIFEST);
  return bytes && parseTrustManifest(bytes, join(folder, MANIFEST));
}

/** True when the folder says who may change it. */
export function ownersOf(files: TrustFiles): boolean {
  return [...files.keys()].some((path) => placeOf(path)?.owner === true);
}

/** The files of a folder as a trust: what everybody believes, or who its owners are. */
export function trustOf(files: TrustFiles, folder: string, { owner, at }: { readonly owner: boolean; readonly at: Date }): Trust {
  const of = (kind: TrustKind): readonly TrustFile[] => [...files].flatMap(([path, bytes]) => {
    const place = placeOf(path);
    return place?.kind === kind && place.owner === owner ? [{ name: join(folder, path), bytes }] : [];
  });
  return {
    at, revocation: 'if-present',
    roots: of('root'), intermediates: of('intermediate'), crls: of('crl'), allowedSigners: of('allowed-signers'),
    revokedKeys: of('revoked'), minisign: of('minisign'), cosign: of('cosign'), gpg: of('gpg'),
  };
}

/**
 * Checks that one of `owners` signed the manifest: the statement `trust.json.sha256` and a signature over it, as
 * `imgkit sign DIR/trust.json` makes them. Throws `signature-missing`, and what `verifyStatement` throws.
 */
export async function verifyOwners(files: TrustFiles, owners: Trust, folder: string, signal?: AbortSignal): Promise<readonly VerifiedSignature[]> {
  const manifest = files.get(MANIFEST);
  const statement = files.get(MANIFEST_STATEMENT);
  const signatures = Object.values(SIGNATURE_SUFFIX).flatMap((suffix) => {
    const bytes = files.get(`${MANIFEST_STATEMENT}${suffix}`);
    return bytes === undefined ? [] : [{ name: join(folder, `${MANIFEST_STATEMENT}${suffix}`), bytes }];
  });
  if (manifest === undefined || statement === undefined || signatures.length === 0) {
    throw new ImgkitError('signature-missing', `${folder}: has owners, but is not signed by one; an owner signs it with: imgkit sign ${join(folder, MANIFEST)} --key OWNER_KEY`, { file: folder });
  }
  const signed = await verifyStatement({ statement: { name: join(folder, MANIFEST_STATEMENT), bytes: statement }, signatures, trust: owners, signal });
  const digest = `sha256:${createHash('sha256').update(manifest).digest('hex')}` as const;
  proveFile(expectedFile(signed, MANIFEST), { digest, size: manifest.length } as Parameters<typeof proveFile>[1], join(folder, MANIFEST));
  return signed.signatures;
}
