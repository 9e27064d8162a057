import { basename } from 'node:path';
import type { ByteSource } from '../content/byte-source.js';
import type { VerifiedSignature } from '../crypto/sign/signature.js';
import type { StatementEntry } from '../crypto/sign/statement.js';
import type { Trust } from '../crypto/trust/trust.js';
import { ImgkitError, isImgkitError } from '../errors.js';
import { archivePath, type Location } from '../image/location.js';
import { openTarget } from '../operations/ship/open-target.js';
import { readRemoteSidecars } from '../operations/ship/remote-statement.js';
import { splitRemotePath } from '../transport/remote-name.js';
import type { Evidence } from '../operations/trust/admit.js';
import { readSidecars } from '../operations/trust/find-sidecars.js';
import { proveStream } from '../operations/trust/prove-stream.js';
import { verifySignedEntry, type SignedEntry } from '../operations/trust/verify-signed-file.js';
import { verifyStatement } from '../operations/trust/verify-statement.js';
import { verifyRemoteEntry } from './check-statement.js';
import type { Hashing } from './hashing.js';
import type { Session } from './session.js';
import type { SignatureCheck } from './signature-check.js';

/** Of an open file whose statement somebody trusted signed. */
interface ProvenFile {
  /** All of it is what was signed. Throws `signature-invalid`, `io-failed`, `interrupted`. */
  readonly whole: Promise<void>;
  /** Nobody wrote to it since it was opened. Throws `io-failed`. */
  readonly unchanged: () => Promise<void>;
}

/** How the bytes of an archive are compared with what was signed, and what came of its signatures. */
export interface ArchiveProof {
  /**
   * For a local file: gets the open file before anything in it is read. Checks its signatures and its size; then a large one
   * is hashed beside the reading of what is in it, which counts for nothing until `proven`. Who keeps what was read awaits `whole`, and then `unchanged`.
   */
  readonly prove?: ((file: ByteSource) => Promise<ProvenFile | undefined>) | undefined;
  /** Resolves when all of that file is known to be what was signed, also when it was read. Throws `signature-invalid`, `io-failed`, `interrupted`. */
  readonly proven?: (() => Promise<void>) | undefined;
  /** For bytes that come once, from a host or standard input: what is let through is what was signed, or it fails at its end. */
  readonly proveChunks?: ((chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>) | undefined;
  /** Who signed the archive, or why that counts for nothing. */
  archive(): Evidence['archive'];
  /** One sentence each. */
  notes(): readonly string[];
}

/** What an archive is compared with, and the digest of it where it is a local file. */
interface ProofMeans {
  readonly trust: Trust;
  readonly hashing?: Hashing | undefined;
}

/**
 * Finds what was signed about the archive at `location`. Signatures at a host, and those of standard input (`statement`), are checked here,
 * before a byte of the archive is asked for; those of a local file when it is open. Throws what is wrong with them; that there
 * are none, or none by somebody trusted, is for the policy, in `archive()`.
 */
export async function proveArchive(session: Session, location: Location, options: SignatureCheck, { trust, hashing }: ProofMeans): Promise<ArchiveProof> {
  const { signal, network } = session.options;
  const missing = (text: string): ImgkitError => new ImgkitError('signature-missing', `${location.text}: ${text}`, { file: location.text });
  if (location.kind === 'url') {
    return provenStream(location.text, async () => {
      const target = await openTarget(location.url, { network, signal, purpose: 'read' });
      try {
        const { name } = splitRemotePath(target.path);
        if (options.statement !== undefined) return await verifySignedEntry({ ...(await readSidecars({ file: name, ...options }, signal)), trust, name, signal });
        return await verifyRemoteEntry(await readRemoteSidecars(target, signal), name, target.shown, trust, signal);
      } finally {
        await target.transport.close();
      }
    });
  }
  const path = archivePath(location);
  if (path === '-') {
    if (options.statement === undefined) return nothing(missing('standard input has nothing beside it that is signed; name the statement and its signature with --statement FILE and --signature FILE, or load the file itself.'));
    return provenStream('stdin', () => entryOfStream(options, trust, signal));
  }
  if (path === undefined) return nothing(missing('is not a file, and only files have signatures beside them; save it to a file that its sender signs, or sign the image itself.'));
  let archive: Evidence['archive'] = missing('its signatures were not checked.');
  let notes: readonly string[] = [];
  let whole: Promise<void> = Promise.resolve();
  let unchanged: (() => Promise<void>) | undefined;
  return {
    archive: () => archive,
    notes: () => notes,
    async proven() {
      await whole;
      await unchanged?.();
    },
    prove: hashing && (async (file) => {
      await hashing.pinned.compare(file);
      const signed = await orMissing(async () => verifySignedEntry({ ...(await readSidecars({ file: path, statement: options.statement, signatures: options.signatures }, signal)), trust, name: basename(path), signal }));
      if (signed instanceof ImgkitError) {
        archive = signed;
        await hashing.stop();
        return undefined;
      }
      hashing.compareSize(signed.entry);
      whole = hashing.prove(signed.entry).then(() => undefined);
      // Listened to in `proven`; until then a failure must not count as unheard.
      whole.catch(() => undefined);
      if (hashing.isSmall) await whole;
      unchanged = () => hashing.pinned.unchanged();
      ({ signatures: archive, notes } = signed);
      return { whole, unchanged };
    }),
  };
}

/** What is wrong ends it; what is only missing is for the policy. */
async function orMissing(check: () => Promise<SignedEntry>): Promise<SignedEntry | ImgkitError> {
  try {
    return await check();
  } catch (error) {
    if (!isImgkitError(error, 'signature-missing', 'signature-untrusted')) throw error;
    return error;
  }
}

async function provenStream(shown: string, check: () => Promise<SignedEntry>): Promise<ArchiveProof> {
  const signed = await orMissing(check);
  if (signed instanceof ImgkitError) return nothing(signed);
  // Counts only for bytes that went through.
  let archive: readonly VerifiedSignature[] | undefined;
  return {
    archive: () => archive ?? new ImgkitError('signature-missing', `${shown}: its bytes were not compared with what was signed; run it again.`, { file: shown }),
    notes: () => signed.notes,
    async *proveChunks(chunks) {
      yield* proveStream(signed.entry, chunks, shown);
      archive = signed.signatures;
    },
  };
}

function nothing(error: ImgkitError): ArchiveProof {
  return { archive: () => error, notes: () => [] };
}

/** Bytes on standard input have no name, so the statement must leave no doubt which file it means. */
async function entryOfStream(options: SignatureCheck, trust: Trust, signal: AbortSignal | undefined): Promise<SignedEntry> {
  const { name, statement, signatures, notes } = await verifyStatement({ ...(await readSidecars({ file: 'stdin', ...options }, signal)), trust, signal });
  const [entry, ...more] = statement.entries as readonly [StatementEntry, ...StatementEntry[]];
  if (more.length > 0) throw new ImgkitError('signature-invalid', `${name}: names ${statement.entries.length} files, and standard input has no name to tell which it is; load the file itself.`, { file: name });
  return { entry, signatures, notes };
}
