import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { fromSystemError, isImgkitError, ImgkitError } from '../../errors.js';
import { SIGNING_LIMITS } from '../../limits.js';
import { isGpgMessage } from '../../crypto/openpgp/signed-message.js';
import { SIGNATURE_SUFFIX } from '../../crypto/sign/signature.js';
import { STATEMENT_SUFFIX } from '../../crypto/sign/statement.js';
import type { TrustFile } from '../../crypto/trust/trust.js';
import { readBoundedFile } from './read-bounded-file.js';

export interface SidecarPaths {
  readonly file: string;
  /** Default: `FILE.sha256`. */
  readonly statement?: string | undefined;
  /** Default: all that lie beside the statement: `.p7s`, `.sig`, `.minisig`, `.sigstore.json`. */
  readonly signatures?: readonly string[] | undefined;
}

/** What lies beside a file: its statement, and signatures over that. */
export interface Sidecars {
  readonly statement: TrustFile;
  readonly signatures: readonly TrustFile[];
}

/**
 * Reads the statement of a file and its signatures. Throws `signature-missing` when there is no statement or no signature where
 * they should be, `file-not-found` for one that was named, `limit-exceeded`.
 */
export async function readSidecars(paths: SidecarPaths, signal?: AbortSignal): Promise<Sidecars> {
  const path = paths.statement ?? `${paths.file}${STATEMENT_SUFFIX}`;
  const read = paths.statement === undefined ? readBeside : readBoundedFile;
  const statement = await read(path, SIGNING_LIMITS.statementBytes, signal).catch((error: unknown) => {
    if (paths.statement !== undefined || !isImgkitError(error, 'file-not-found')) throw error;
    throw new ImgkitError('signature-missing', `${paths.file}: has no signed statement: there is no ${basename(path)} in ${resolve(dirname(path))}, and so no signature over it; get both from the sender, or name them with --statement and --signature.`, { file: path }, { cause: error });
  });
  const signatures: TrustFile[] = [];
  if (paths.signatures !== undefined) {
    for (const each of paths.signatures) signatures.push(await readBoundedFile(each, SIGNING_LIMITS.signatureBytes, signal));
    // A GPG signature is one of the image, not of the statement.
    const ofStatement = signatures.filter(({ bytes }) => !isGpgMessage(bytes));
    if (ofStatement.length > 0 || signatures.length === 0) return { statement, signatures: ofStatement };
    signatures.length = 0;
  }
  for (const suffix of Object.values(SIGNATURE_SUFFIX)) {
    const found = await readBeside(`${path}${suffix}`, SIGNING_LIMITS.signatureBytes, signal).catch((error: unknown) => {
      if (isImgkitError(error, 'file-not-found')) return undefined;
      throw error;
    });
    if (found !== undefined) signatures.push(found);
  }
  if (signatures.length === 0) {
    throw new ImgkitError('signature-missing', `${path}: is not signed: there is none of ${Object.values(SIGNATURE_SUFFIX).map((suffix) => `${path}${suffix}`).join(', ')}; ask the sender for the signature.`, { file: path });
  }
  return { statement, signatures };
}

/** What lies there under its own name, put there by whoever may: opening a pipe would wait for ever. */
async function readBeside(path: string, most: number, signal?: AbortSignal): Promise<TrustFile> {
  const info = await stat(path).catch((error: unknown) => {
    throw fromSystemError(error, path, 'looking at it');
  });
  if (!info.isFile()) throw new ImgkitError('signature-malformed', `${path}: is no file; remove it, or get the signatures again.`, { file: path });
  return readBoundedFile(path, most, signal);
}
