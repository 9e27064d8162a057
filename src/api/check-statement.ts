import { isImgkitError, ImgkitError } from '../errors.js';
import { SIGNATURE_SUFFIX } from '../crypto/sign/signature.js';
import { STATEMENT_SUFFIX } from '../crypto/sign/statement.js';
import type { VerifiedSignature } from '../crypto/sign/signature.js';
import type { Sidecars } from '../operations/ship/commit-upload.js';
import type { CheckStatement } from '../operations/ship/remote-statement.js';
import { readTrust, type TrustOptions } from '../operations/trust/read-trust.js';
import { requireSomeRule } from '../operations/trust/require-some-rule.js';
import { verifySignedEntry, type SignedEntry } from '../operations/trust/verify-signed-file.js';
import type { Trust } from '../crypto/trust/trust.js';
import type { Undecided } from './admit-fetched.js';

/** Checks what stands beside the remote file `shown`, and gives what it says of the file called `name`. Throws as `verifySignedEntry`. */
export function verifyRemoteEntry(sidecars: Sidecars | undefined, name: string, shown: string, trust: Trust, signal: AbortSignal | undefined): Promise<SignedEntry> {
  const statement = `${shown}${STATEMENT_SUFFIX}`;
  if (sidecars === undefined) throw new ImgkitError('signature-missing', `${shown}: has no signed statement: there is no ${statement}; ask the sender for it and its signature.`, { file: shown });
  if (sidecars.signatures.size === 0) throw new ImgkitError('signature-missing', `${statement}: is not signed: there is none of ${Object.values(SIGNATURE_SUFFIX).map((suffix) => `${name}${STATEMENT_SUFFIX}${suffix}`).join(', ')}; ask the sender for the signature.`, { file: statement });
  const signatures = [...sidecars.signatures].map(([suffix, bytes]) => ({ name: `${shown}${suffix}`, bytes }));
  return verifySignedEntry({ statement: { name: statement, bytes: sidecars.statement }, signatures, trust, name, signal });
}

export interface StatementChecks {
  /** For `fetchFile`: throws when nobody trusted signed, before a byte of the file is fetched. */
  readonly check: CheckStatement;
  /** Who signed the file that was checked last. */
  signatures(): readonly VerifiedSignature[];
  /** Set when only the images in that file can tell whether the policy lets it in: ask them before it gets its name. */
  undecided(): Undecided | undefined;
  readonly notes: string[];
}

/**
 * Reads whom to believe once. With `onlyWrong`, a signature that is missing or by somebody unknown passes here, because a policy decides
 * about that later; one that is damaged or does not fit never does. Else it must also be one that some rule of the policy asks for. Trust is read anew for each file when the time that counts is now.
 */
export function statementChecks(options: TrustOptions, { onlyWrong, signal }: { readonly onlyWrong: boolean; readonly signal?: AbortSignal | undefined }): StatementChecks {
  let found: readonly VerifiedSignature[] = [];
  let undecided: Undecided | undefined;
  const notes: string[] = [];
  return {
    notes,
    signatures: () => found,
    undecided: () => undecided,
    async check(sidecars, name, shown) {
      [found, undecided] = [[], undefined];
      const { trust, policy, notes: told } = await readTrust(options, signal);
      try {
        const { signatures, notes: more } = await verifyRemoteEntry(sidecars, name, shown, trust, signal);
        const refusal = policy === undefined || onlyWrong ? undefined : requireSomeRule(policy, signatures, trust.at, shown);
        if (policy !== undefined && refusal !== undefined) undecided = { policy, trust, signatures, refusal };
        found = signatures;
        notes.push(...told, ...more);
      } catch (error) {
        if (!onlyWrong || !isImgkitError(error, 'signature-missing', 'signature-untrusted')) throw error;
      }
    },
  };
}
