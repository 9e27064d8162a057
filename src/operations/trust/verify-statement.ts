import { throwIfInterrupted } from '../../content/interrupted.js';
import { isGpgSignature } from '../../crypto/openpgp/signed-message.js';
import { parseStatement } from '../../crypto/sign/parse-statement.js';
import type { SignatureFormat, VerifiedSignature } from '../../crypto/sign/signature.js';
import type { Statement } from '../../crypto/sign/statement.js';
import type { Trust, TrustFile } from '../../crypto/trust/trust.js';
import { ImgkitError, isImgkitError } from '../../errors.js';
import { SIGNING_LIMITS } from '../../limits.js';
import { signatureFormatOf, verifierOf } from './signature-format.js';

/** A statement, the signatures that came with it, and whom to believe. */
export interface StatementInput {
  readonly statement: TrustFile;
  /** Files of any format, in any order. */
  readonly signatures: readonly TrustFile[];
  readonly trust: Trust;
  readonly signal?: AbortSignal | undefined;
}

/** A statement that somebody trusted signed. */
export interface SignedStatement {
  /** The statement's file, for messages. */
  readonly name: string;
  readonly statement: Statement;
  /** At least one. */
  readonly signatures: readonly VerifiedSignature[];
  /** One sentence each: signatures that fit and count for nothing here. */
  readonly notes: readonly string[];
}

/**
 * Checks the signatures over a statement, and only then reads the statement. At least one must be by somebody trusted. One that
 * is damaged or does not fit fails all: somebody changed something. One by a key that is not trusted is noted, if another
 * suffices: a sender may sign for several receivers.
 * Throws `signature-missing` without any, `signature-malformed`, `signature-invalid`, `signature-untrusted`,
 * `statement-malformed`, `limit-exceeded`, and `key-malformed` for trust that cannot be read.
 */
export async function verifyStatement({ statement, signatures, trust, signal }: StatementInput): Promise<SignedStatement> {
  if (signatures.length === 0) throw new ImgkitError('signature-missing', `${statement.name}: is not signed, and only what is signed is believed; ask the sender for the signature.`, { file: statement.name });
  if (signatures.length > SIGNING_LIMITS.signatures) throw new ImgkitError('limit-exceeded', `${statement.name}: has ${signatures.length} signatures, more than the ${SIGNING_LIMITS.signatures} that are looked at; move away those that nobody needs.`, { file: statement.name });
  const good: VerifiedSignature[] = [];
  const untrusted: ImgkitError[] = [];
  for (const { name, bytes } of signatures) {
    throwIfInterrupted(signal, `checking ${name}`);
    try {
      good.push(...await (await verifierOf(formatOf(name, bytes)))(statement.bytes, bytes, trust, name));
    } catch (error) {
      if (!isImgkitError(error, 'signature-untrusted')) throw error;
      untrusted.push(error);
    }
  }
  if (good.length === 0) throw nobody(statement.name, untrusted);
  return { name: statement.name, statement: parseStatement(statement.bytes, statement.name), signatures: good, notes: untrusted.map(({ message }) => message) };
}

function nobody(name: string, untrusted: readonly ImgkitError[]): ImgkitError {
  const [first, ...more] = untrusted as [ImgkitError, ...ImgkitError[]];
  if (more.length === 0) return first;
  return new ImgkitError('signature-untrusted', `${name}: none of its ${untrusted.length} signatures is by somebody trusted. ${untrusted.map(({ message }) => message).join(' ')}`, { file: name }, { cause: first });
}

function formatOf(name: string, bytes: Uint8Array): SignatureFormat {
  const format = signatureFormatOf(bytes);
  if (format === undefined) throw new ImgkitError('signature-malformed', `${name}: ${foreignSignature(bytes)}.`, { file: name });
  return format;
}

/** What a signature is instead of one that is read here, and what to do. */
function foreignSignature(bytes: Uint8Array): string {
  if (isGpgSignature(bytes)) return 'is a signature of GPG, and those count for images, not for files; ask the sender for one of SSH, minisign, cosign or CMS, or sign the image with GPG (imgkit sign LOCATION --format gpg)';
  if (/^(?:MIME-Version|Content-Type):/i.test(Buffer.from(bytes.subarray(0, 64)).toString('latin1'))) return 'is a mail (S/MIME), not the signature alone; have it written with: openssl cms -sign -binary -outform DER';
  return 'is no signature of SSH, minisign, cosign or CMS; get it again from the sender';
}
