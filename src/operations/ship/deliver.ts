import { throwIfInterrupted } from '../../content/interrupted.js';
import type { Digest } from '../../content/digest.js';
import { ImgkitError, isImgkitError, type ErrorCode } from '../../errors.js';
import { isFolderUrl } from '../../image/location-url.js';
import type { NetworkOptions } from '../../network/network-options.js';
import { redactUrl } from '../../network/redact-url.js';
import type { WorkOptions } from '../../progress.js';
import type { LocalFile } from './local-file.js';
import { openTarget } from './open-target.js';
import { sendFile, type SendFileOptions, type Sent } from './send-file.js';
import { withRetries } from './with-retries.js';

/** What became of one file at one host. */
export interface Delivery {
  readonly file: string;
  /** Where it went, without a query. */
  readonly url: string;
  readonly status: 'sent' | 'already-there' | 'failed';
  readonly digest: Digest;
  readonly size: number;
  /** How the file at the far end was proven. */
  readonly proof?: Sent['proof'] | undefined;
  /** Bytes of the file that went over the network, in the attempt that ended it. */
  readonly sentBytes?: number | undefined;
  /** What was retried, whether a part file was continued, or why not, and why signatures stayed here. */
  readonly notes: readonly string[];
  readonly error?: { readonly code: ErrorCode; readonly message: string } | undefined;
}

export interface DeliverOptions extends SendFileOptions {
  readonly network?: NetworkOptions | undefined;
  readonly retries: number;
  readonly retryDelay: number;
}

/** Sends every file to every URL, all hosts at once, the files of one host in turn. What fails at one host stops nothing at the others. */
export async function deliver(files: readonly LocalFile[], urls: readonly string[], options: DeliverOptions): Promise<readonly Delivery[]> {
  if (files.length > 1) {
    const single = urls.find((url) => !isFolderUrl(url));
    if (single !== undefined) throw new ImgkitError('usage', `${redactUrl(single)} names one file, but ${files.length} are to be sent; end the URL with / to write into a folder.`);
    const names = files.map(({ name }) => name);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) throw new ImgkitError('usage', `Two of the files are called ${twice}, and one would take the place of the other; send one of them by itself, to URL/ANOTHER-NAME.`);
  }
  const perHost = await Promise.all(urls.map(async (url) => {
    const done: Delivery[] = [];
    for (const file of files) done.push(await deliverOne(file, isFolderUrl(url) ? `${url.replace(/\/?$/, '/')}${encodeURIComponent(file.name)}` : url, options));
    return done;
  }));
  throwIfInterrupted(options.signal, 'sending');
  return perHost.flat();
}

async function deliverOne(file: LocalFile, url: string, options: DeliverOptions): Promise<Delivery> {
  const { path, digest, size } = file;
  const notes: string[] = [];
  const about = { file: path, url: redactUrl(url), digest, size };
  try {
    const sent = await withRetries(() => attempt(file, url, options), {
      retries: options.retries, delay: options.retryDelay, signal: options.signal,
      onRetry: (error, wait) => notes.push(`tried again after ${wait / 1000} s: ${error.message}`),
    });
    return { ...about, ...sent, notes: [...notes, ...sent.notes] };
  } catch (error) {
    if (!isImgkitError(error)) throw error;
    return { ...about, status: 'failed', notes, error: { code: error.code, message: error.message } };
  }
}

async function attempt(file: LocalFile, url: string, options: DeliverOptions & WorkOptions): Promise<Sent> {
  const target = await openTarget(url, { network: options.network, signal: options.signal, purpose: 'write' });
  try {
    return await sendFile(file, target, options);
  } finally {
    await target.transport.close();
  }
}
