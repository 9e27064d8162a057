import type { Finding } from '../image/finding.js';
import type { Location } from '../image/location.js';
import { admit, type Evidence } from '../operations/trust/admit.js';
import { readTrust } from '../operations/trust/read-trust.js';
import { proveArchive, type ArchiveProof } from './prove-archive.js';
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
  /** Give both to the one who opens the source. Undefined for locations that have no signatures beside them. */
  readonly prove?: ArchiveProof['prove'];
  readonly proveChunks?: ArchiveProof['proveChunks'];
  /** Throws as `admit`, when they may not come in; else what the result should tell. Call it before the target is opened. */
  admit(images: readonly Candidate[]): readonly Finding[];
}

/**
 * Reads whom to believe and makes a gate for `location`. The signatures lie beside its file, here or at a host, and are
 * checked before the file is hashed; the hash is taken of the very bytes that the archive is then read from. Throws what reading
 * the trust throws, and `proveArchive`.
 */
export async function openGate(location: Location, options: AdmissionOptions, session: Session): Promise<Gate> {
  const { signal } = session.options;
  const at = options.at ?? new Date();
  const { trust, policy, notes } = await readTrust({ ...options, at }, signal);
  const told = notes.map((message): Finding => ({ check: 'signature', status: 'note', subject: options.trust ?? '', message }));
  const { prove, proveChunks, archive, notes: more } = await proveArchive(location, options, trust, session);
  return {
    prove, proveChunks,
    admit: (images) => {
      told.push(...more().map((message): Finding => ({ check: 'signature', status: 'note', subject: location.text, message })));
      return [...told, ...admit({ location: location.text, archive: archive(), images }, { policy, at, acceptUnsigned: options.acceptUnsigned }).notes];
    },
  };
}
