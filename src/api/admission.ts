import { ImgkitError, isImgkitError } from '../errors.js';
import type { Finding } from '../image/finding.js';
import type { ImageSource, Root } from '../image/image-source.js';
import { archivePath, type Location } from '../image/location.js';
import { admit } from '../operations/trust/admit.js';
import { readTrust } from '../operations/trust/read-trust.js';
import { needsLookaside, signaturePlaces } from '../operations/trust/signature-places.js';
import { verifyImageSignatures } from '../operations/trust/verify-image-signatures.js';
import type { VerifiedSignature } from '../crypto/sign/signature.js';
import type { Hashing } from './hashing.js';
import { proveArchive, type ArchiveProof } from './prove-archive.js';
import type { Candidate } from './select-roots.js';
import type { Session } from './session.js';
import type { AdmissionOptions } from './signature-check.js';

/** The check of one source: first the bytes, then the images in them. */
export interface Gate {
  /** Give both to the one who opens the source. Undefined for locations that have no signatures beside them. */
  readonly prove?: ArchiveProof['prove'];
  readonly proveChunks?: ArchiveProof['proveChunks'];
  /** Await it before anything shows at the target, and before any other failure is told: that of the signature comes first. */
  readonly proven?: ArchiveProof['proven'];
  /** Who signed one image of the opened source, which gets the names `given`. Throws `signature-invalid` for a signature that belongs to another image. */
  signatures(source: ImageSource, root: Root, given: readonly string[]): Promise<readonly VerifiedSignature[]>;
  /** Throws as `admit`, when they may not come in; else what the result should tell. Call it before the target is opened. */
  admit(images: readonly Candidate[]): readonly Finding[];
}

/**
 * Reads whom to believe and makes a gate for `location`. The signatures lie beside its file, here or at a host, and are
 * checked before the file is read; `hashing` is that of a local file, which must be the one that the archive is read from. Throws what
 * reading the trust throws, and `proveArchive`.
 */
export async function openGate(session: Session, location: Location, options: AdmissionOptions, hashing: Hashing | undefined): Promise<Gate> {
  const { signal } = session.options;
  const at = options.at ?? new Date();
  const { trust, policy, notes } = await readTrust({ ...options, at }, signal);
  const told = notes.map((message): Finding => ({ check: 'signature', status: 'note', subject: options.trust ?? '', message }));
  const places = await signaturePlaces(options, signal, archivePath(location) === undefined && location.kind !== 'url');
  const problems: ImgkitError[] = [];
  const { prove, proveChunks, proven, archive, notes: more } = await proveArchive(session, location, options, { trust, hashing });
  return {
    prove, proveChunks, proven,
    async signatures(source, root, given) {
      const { signatures, untrusted } = await verifyImageSignatures(source, root, { ...places, given, trust, limits: session.limits, network: session.options.network, signal });
      problems.push(...untrusted);
      return signatures;
    },
    admit: (images) => {
      told.push(...more().map((message): Finding => ({ check: 'signature', status: 'note', subject: location.text, message })));
      told.push(...problems.map(({ message }): Finding => ({ check: 'signature', status: 'note', subject: location.text, message })));
      // Signatures that count for nothing tell more than that there are none over the archive.
      const found = needsLookaside(trust, options) ? withGpgHint(archive()) : archive();
      const problem = isImgkitError(found, 'signature-missing') ? (problems.find(({ code }) => code === 'signature-untrusted') ?? problems[0]) : undefined;
      return [...told, ...admit({ location: location.text, archive: problem ?? found, images }, { policy, at, acceptUnsigned: options.acceptUnsigned }).notes];
    },
  };
}

/** Who trusts GPG keys may well expect that signatures are found by themselves, as the host's registries.d has them found. */
function withGpgHint(found: ReturnType<ArchiveProof['archive']>): ReturnType<ArchiveProof['archive']> {
  if (!isImgkitError(found, 'signature-missing')) return found;
  return new ImgkitError(found.code, `${found.message} GPG signatures lie apart from the image: name their folder with --lookaside.`, found.details, { cause: found });
}
