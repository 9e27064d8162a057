import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hideSecrets } from '../content/hide-password.js';
import { ImgkitError, isImgkitError } from '../errors.js';
import { redactUrl } from '../network/redact-url.js';
import { parseUrlLocation } from '../image/location-url.js';
import type { NetworkOptions } from '../network/network-options.js';
import type { VerifiedSignature } from '../crypto/sign/signature.js';
import type { TrustOptions } from '../operations/trust/read-trust.js';
import { fetchFile, type Fetched } from '../operations/ship/fetch-file.js';
import { openTarget } from '../operations/ship/open-target.js';
import { withRetries } from '../operations/ship/with-retries.js';
import type { WorkOptions } from '../progress.js';
import { isRemoteName } from '../network/remote-path.js';
import { splitRemotePath } from '../transport/remote-name.js';
import { parseRemoteUrl } from '../transport/remote-url.js';
import { beginCall } from './begin-call.js';
import { expectedDigest } from './expected-digest.js';
import { PATH, TEXT } from './option-kinds.js';
import { TRUST } from './option-shapes.js';

export interface FetchOptions extends WorkOptions {
  readonly url: string;
  /** A folder, or the name that the file gets. Default: the present folder. */
  readonly output?: string | undefined;
  /** The digest that the file must have (`sha256:...`). Else `NAME.sha256` beside it must say. */
  readonly expect?: string | undefined;
  /** Take a file without either. */
  readonly acceptUnchecked?: boolean | undefined;
  /** Replace a file of the same name. */
  readonly force?: boolean | undefined;
  /** How often a transfer that a network failure cut is taken up again. Default 3. */
  readonly retries?: number | undefined;
  /** Milliseconds before the first of them, doubled each time. Default 1000. */
  readonly retryDelay?: number | undefined;
  readonly network?: NetworkOptions | undefined;
  /**
   * Whom to believe: the file is fetched only when one of them signed its statement, and a policy in the trust folder could let it in. Where
   * only signatures of the images in it can complete what the policy asks for, they are looked at before it gets its name. Default: no
   * signature is asked for.
   */
  readonly trust?: TrustOptions | undefined;
}

/** `url` is without a query. */
export interface FetchResult extends Fetched {
  readonly url: string;
  /** Who signed it; undefined when nobody was asked for. */
  readonly signatures?: readonly VerifiedSignature[] | undefined;
}

/**
 * Brings a file from a host, with its statement and signatures. Its name appears only when all of it is there, its digest is right and it is
 * synced; what a cut leaves is a hidden part file, with which a later call goes on. Throws `policy-refused` when nothing says what it should
 * be or when no rule of the policy lets it in, `signature-*` when nobody trusted signed it, or it is not what they signed, `digest-mismatch`, `file-exists`, and what networks and disks do.
 */
export async function fetch(options: FetchOptions): Promise<FetchResult> {
  beginCall(options, { url: TEXT, 'output?': PATH, 'trust?': TRUST });
  const { url, network, signal, onProgress } = options;
  const location = parseUrlLocation(url);
  if (location?.kind !== 'url') throw new ImgkitError('usage', `"${hideSecrets(url)}" is no URL of a file; write sftp://, ftp://, ftps://, https:// or file:///.`);
  if (location.ref !== undefined) throw new ImgkitError('usage', `${redactUrl(location.url)}: whole files are fetched; a "#" in the name of one is written %23.`);
  const { path, shown } = parseRemoteUrl(url);
  const { name } = splitRemotePath(path);
  if (!isRemoteName(name)) throw new ImgkitError('usage', `${shown}: the URL names no file; \`imgkit list\` shows what a folder holds.`);
  const expect = options.expect === undefined ? undefined : expectedDigest(options.expect);
  if (expect !== undefined && !expect.startsWith('sha256:')) throw new ImgkitError('usage', '--expect: fetch compares SHA-256 digests; give sha256:<64 hex>.');
  const output = await outputPath(options.output ?? '.', name);
  const notes: string[] = [];
  const checks = options.trust && (await import('./check-statement.js')).statementChecks(options.trust, { onlyWrong: false, signal });
  const admit = async (file: string): Promise<void> => {
    const undecided = checks?.undecided();
    if (undecided !== undefined) await (await import('./admit-fetched.js')).admitFetched(file, shown, undecided, { network, signal });
  };
  const fetched = await withRetries(async () => {
    const target = await openTarget(url, { network, signal, purpose: 'read' });
    try {
      return await fetchFile(target, output, { expect, acceptUnchecked: options.acceptUnchecked === true, force: options.force === true, checkStatement: checks?.check, admit, signal, onProgress });
    } catch (error) {
      throw checks !== undefined && expect === undefined && isImgkitError(error, 'digest-mismatch') ? notAsSigned(error, shown) : error;
    } finally {
      await target.transport.close();
    }
  }, {
    retries: options.retries ?? 3, delay: options.retryDelay ?? 1000, signal,
    onRetry: (error, wait) => notes.push(`tried again after ${wait / 1000} s: ${error.message}`),
  });
  return { url: shown, ...fetched, notes: [...notes, ...new Set(checks?.notes), ...fetched.notes], signatures: checks?.signatures() };
}

/** Whatever vouched for the digest was signed by somebody trusted, or it would not have been fetched. */
function notAsSigned(cause: ImgkitError, shown: string): ImgkitError {
  const { expected, found } = cause.details;
  return new ImgkitError('signature-invalid', `${shown}: is not the file that was signed; it was changed or damaged at the server or on the way: run it again, and do not use it if that stays. Nothing of it was kept.`, { file: shown, expected, found }, { cause });
}

async function outputPath(output: string, name: string): Promise<string> {
  const isFolder = output.endsWith('/') || (await stat(output).catch(() => undefined))?.isDirectory() === true;
  return isFolder ? join(output, name) : output;
}
