import { basename } from 'node:path';
import type { ByteSource } from '../content/byte-source.js';
import { ImgkitError, isImgkitError } from '../errors.js';
import type { Finding } from '../image/finding.js';
import type { Location } from '../image/location.js';
import { admit, type Evidence } from '../operations/trust/admit.js';
import { digestSource } from '../operations/trust/digest-source.js';
import { readSidecars } from '../operations/trust/find-sidecars.js';
import { proveFile } from '../operations/trust/prove-file.js';
import { readTrust } from '../operations/trust/read-trust.js';
import { verifySignedEntry } from '../operations/trust/verify-signed-file.js';
import type { Session } from './session.js';
import type { SignatureCheck } from './signature-findings.js';

/** Whom to believe before anything is written to the target, and how strictly. */
export interface AdmissionOptions extends SignatureCheck {
  /** Let signatures be missing; those that are there must still be right. The result tells of it. */
  readonly acceptUnsigned?: boolean | undefined;
}

/** An image that would be moved, with the names that it has and would get. */
export type Candidate = Evidence['images'][number];

/** The check of one source: first the bytes, then the images in them. */
export interface Gate {
  /**
   * Give this to the one who opens the source: it gets the open file before anything in it is read. Undefined for locations
   * that are no local file, and so have no signatures beside them.
   */
  readonly prove?: ((file: ByteSource) => Promise<void>) | undefined;
  /** Throws as `admit`, when they may not come in; else what the result should tell. Call it before the target is opened. */
  admit(images: readonly Candidate[]): readonly Finding[];
}

/**
 * Reads whom to believe and makes a gate for `location`. The signatures lie beside its file, and are checked before the file is
 * hashed; the hash is taken of the open file that the archive is then read from. Throws what reading the trust throws.
 */
export async function openGate(location: Location, options: AdmissionOptions, session: Session): Promise<Gate> {
  const { signal } = session.options;
  const at = options.at ?? new Date();
  const { trust, policy, notes } = await readTrust({ ...options, at }, signal);
  const told = notes.map((message): Finding => ({ check: 'signature', status: 'note', subject: options.trust ?? '', message }));
  const path = archivePath(location);
  let archive: Evidence['archive'] = new ImgkitError('signature-missing', path === undefined
    ? `${location.text}: is not a file, and only files have signatures beside them; save it to a file that its sender signs.`
    : `${location.text}: its signatures were not checked.`, { file: location.text });
  const prove = async (file: ByteSource): Promise<void> => {
    try {
      archive = await proveOpen(file, path as string);
    } catch (error) {
      // What is wrong ends it here, before anything in the file is looked at; what is only missing is for the policy.
      if (!isImgkitError(error, 'signature-missing', 'signature-untrusted')) throw error;
      archive = error;
    }
  };
  const proveOpen = async (file: ByteSource, name: string): Promise<Evidence['archive']> => {
    const sidecars = await readSidecars({ file: name, statement: options.statement, signatures: options.signatures }, signal);
    const { entry, signatures, notes: more } = await verifySignedEntry({ ...sidecars, trust, name: basename(name), signal });
    told.push(...more.map((message): Finding => ({ check: 'signature', status: 'note', subject: name, message })));
    proveFile(entry, { digest: entry.digest, size: file.size }, name);
    proveFile(entry, await digestSource(file, await session.pool(), session.options), name);
    return signatures;
  };
  return {
    prove: path === undefined ? undefined : prove,
    admit: (images) => [...told, ...admit({ location: location.text, archive, images }, { policy, at, acceptUnsigned: options.acceptUnsigned }).notes],
  };
}

function archivePath(location: Location): string | undefined {
  if (location.kind !== 'archive' && location.kind !== 'docker-archive' && location.kind !== 'oci-archive') return undefined;
  return location.path === '-' ? undefined : location.path;
}
