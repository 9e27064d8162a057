import type { SignedFile } from '../operations/trust/verify-signed-file.js';
import { readTrust, type TrustOptions } from '../operations/trust/read-trust.js';
import { readSidecars } from '../operations/trust/find-sidecars.js';
import { verifySignedFile } from '../operations/trust/verify-signed-file.js';
import { PATH } from './option-kinds.js';
import type { CommonOptions } from './options.js';
import { Session } from './session.js';

export interface VerifySignatureOptions extends CommonOptions, TrustOptions {
  /** Path of a file of any kind. */
  readonly file: string;
  /** Default: `FILE.sha256`. */
  readonly statement?: string | undefined;
  /** Default: all beside the statement. */
  readonly signatures?: readonly string[] | undefined;
}

export interface VerifySignatureResult extends SignedFile {
  readonly file: string;
}

/**
 * Checks that a file is what somebody trusted signed: the signatures over its statement first, then the statement, then size and
 * digest of the file. What the file holds is not looked at: that is `verify`. Throws `signature-missing`,
 * `signature-malformed`, `signature-invalid`, `signature-untrusted`, `statement-malformed`, `key-malformed`, `file-not-found`.
 */
export function verifySignature(options: VerifySignatureOptions): Promise<VerifySignatureResult> {
  return Session.call(options, { file: PATH }, async (session) => {
    const { file, signal, onProgress } = options;
    const { trust, notes } = await readTrust(options, signal);
    const { statement, signatures } = await readSidecars(options, signal);
    const signed = await verifySignedFile({ file, statement, signatures, trust, pool: await session.pool(), signal, onProgress });
    return { file, ...signed, notes: [...notes, ...signed.notes] };
  });
}
