import type { Digest } from '../../content/digest.js';
import { formatStatement } from '../../crypto/sign/format-statement.js';
import { parseStatement } from '../../crypto/sign/parse-statement.js';
import { SIGNATURE_SUFFIX, type Signer } from '../../crypto/sign/signature.js';
import { STATEMENT_SUFFIX } from '../../crypto/sign/statement.js';
import { ImgkitError } from '../../errors.js';
import type { Sidecars } from '../ship/commit-upload.js';

/** Makes what stands beside a file that was just written, and is known by its digest and size. */
export type MakeSidecars = (name: string, facts: { readonly digest: Digest; readonly size: number }) => Promise<Sidecars>;

/** Says and signs what a file is that was hashed while it was made. `at` is the time that the signature claims. */
export function sidecarSigner(signer: Signer, { at, signal }: { readonly at?: Date | undefined; readonly signal?: AbortSignal | undefined }): MakeSidecars {
  return async (name, { digest, size }) => addSignature({ statement: formatStatement({ entries: [{ name, digest, size }] }), signatures: new Map() }, name, signer, { at, signal });
}

/**
 * `sidecars` with one more signature over their statement; one of the same format is replaced. Signing vouches for every line, so there may be
 * none about other files than the one called `name`, which nobody looked at. Throws `file-exists` when there is, and what signing throws.
 */
export async function addSignature({ statement, signatures }: Sidecars, name: string, signer: Signer, { at, signal }: { readonly at?: Date | undefined; readonly signal?: AbortSignal | undefined } = {}): Promise<Sidecars> {
  const where = `${name}${STATEMENT_SUFFIX}`;
  const other = parseStatement(statement, where).entries.find((entry) => entry.name !== name);
  if (other !== undefined) throw new ImgkitError('file-exists', `${where}: is there already and is about ${JSON.stringify(other.name)} too, which was not looked at, so it is not signed; remove it and its signatures, or sign it with all its files: imgkit sign FILE... --statement FILE.`, { file: where, entry: other.name });
  const signature = await signer.sign(statement, { at, name: `${name}${STATEMENT_SUFFIX}`, signal });
  return { statement, signatures: new Map([...signatures, [`${STATEMENT_SUFFIX}${SIGNATURE_SUFFIX[signer.format]}`, signature]]) };
}
