import { hideSecrets } from '../content/hide-password.js';
import type { NetworkOptions } from '../network/network-options.js';
import { redactUrl } from '../network/redact-url.js';
import { isFolderUrl, parseUrlLocation } from '../image/location-url.js';
import { ImgkitError } from '../errors.js';
import { SIDECAR_SUFFIXES } from '../operations/ship/commit-upload.js';
import { deliver, type Delivery } from '../operations/ship/deliver.js';
import { openLocalFile, type LocalFile } from '../operations/ship/local-file.js';
import type { VerifyMode } from '../operations/ship/verify-remote.js';
import type { WorkOptions } from '../progress.js';
import { beginCall } from './begin-call.js';
import { oneOf, TEXTS } from './option-kinds.js';
import type { SigningOptions } from './options.js';

export type { Delivery } from '../operations/ship/deliver.js';

export interface SendOptions extends WorkOptions {
  /** Local files, of any kind. A statement or signature that is named together with its file goes along with that, as it does unnamed. */
  readonly files: readonly string[];
  /** URLs: one that ends with `/` is a folder, another the name that the one file gets. */
  readonly to: readonly string[];
  /** Replace files of the same names. */
  readonly force?: boolean | undefined;
  /** How each file is proven at the far end. Default `auto`: the server's SHA-256 where it computes one, else the size. */
  readonly verify?: VerifyMode | undefined;
  /** How often a transfer that a network failure cut is taken up again. Default 3. */
  readonly retries?: number | undefined;
  /** Milliseconds before the first of them, doubled each time. Default 1000. */
  readonly retryDelay?: number | undefined;
  readonly network?: NetworkOptions | undefined;
  /** Sign what is said of each file at the host, besides the signatures that lie beside it here. */
  readonly signing?: SigningOptions | undefined;
}

export interface SendResult {
  /** One for each file and host, in the order of hosts, then files. */
  readonly deliveries: readonly Delivery[];
  readonly ok: boolean;
}

/**
 * Sends files to hosts, all hosts at once. Each arrives under a temporary name, is proven, gets its name and at last `NAME.sha256`, so a
 * receiver that waits for that never sees half a file. A later call goes on where a cut one stopped, from bytes that are proven to be there.
 * A statement and signatures that lie beside a file go along. What a host refuses is told in `deliveries`; throws only what concerns the files.
 */
export async function send(options: SendOptions): Promise<SendResult> {
  beginCall(options, { files: TEXTS, to: TEXTS, 'verify?': oneOf('auto', 'size', 'hash', 'readback') });
  const { files, to, signal, onProgress, network } = options;
  if (files.length === 0 || to.length === 0) throw new ImgkitError('usage', 'At least one file and one URL are needed: imgkit send FILE... URL..., such as sftp://HOST/PATH/ or file:///PATH/');
  for (const url of to) requireHost(url);
  const sign = options.signing && (await (await import('./add-signatures.js')).addSignatures(options.signing, signal));
  const opened: LocalFile[] = [];
  try {
    for (const path of withoutSidecars(files)) opened.push(await openLocalFile(path, { signal, onProgress }));
    const deliveries = await deliver(opened, to, {
      network, signal, onProgress, sign,
      force: options.force === true, verify: options.verify ?? 'auto', retries: options.retries ?? 3, retryDelay: options.retryDelay ?? 1000,
    });
    return { deliveries, ok: deliveries.every(({ status }) => status !== 'failed') };
  } finally {
    for (const { source } of opened) await source.close();
  }
}

/** Who sends `release/*` means each file once: what stands beside one goes along, and needs no checksum of its own. */
function withoutSidecars(files: readonly string[]): readonly string[] {
  const beside = new Set(files.flatMap((path) => SIDECAR_SUFFIXES.map((suffix) => `${path}${suffix}`)));
  return files.filter((path) => !beside.has(path));
}

function requireHost(url: string): void {
  const location = parseUrlLocation(url);
  if (location?.kind !== 'url') throw new ImgkitError('usage', `"${hideSecrets(url)}" is no URL of a host; write sftp://, ftp://, ftps://, https:// or file:///.`);
  if (location.ref !== undefined) throw new ImgkitError('usage', `${redactUrl(location.url)}: a "#" in the name of a file is written %23.`);
  if (isFolderUrl(location.url) && new URL(location.url).search !== '') throw new ImgkitError('usage', `${redactUrl(location.url)}: a presigned URL is good for one file; name it in the URL.`);
}
