import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readLocation } from '../../formats/locations/open-source.js';
import { hideSecrets } from '../content/hide-password.js';
import { ImgkitError, type ErrorCode } from '../errors.js';
import type { Finding } from '../image/finding.js';
import { isFolderUrl, parseUrlLocation } from '../image/location-url.js';
import { redactUrl } from '../network/redact-url.js';
import type { CheckStatement } from '../operations/ship/remote-statement.js';
import { watchFolder, type WatchTally } from '../operations/watch/watch-folder.js';
import type { Accepted, BareWatchEvent, WatchEvent } from '../operations/watch/watch-event.js';
import { storeFolder as defaultStoreFolder } from '../store/store-folder.js';
import { checkOptions } from './begin-call.js';
import { load } from './load.js';
import type { AdmissionOptions } from './signature-check.js';
import { TEXT } from './option-kinds.js';
import type { CommonOptions } from './options.js';
import type { MoveResult } from './results.js';
import { verify } from './verify.js';

export type { WatchEvent } from '../operations/watch/watch-event.js';

export interface WatchOptions extends CommonOptions {
  /** A folder at a host; ends with `/`. */
  readonly url: string;
  /** Where the images go. Default: the store. */
  readonly into?: string | undefined;
  /** Milliseconds between two looks. Default 30 s. */
  readonly every?: number | undefined;
  /** Look once and return. */
  readonly once?: boolean | undefined;
  /** Let a tag in the store or a registry move to another image. Default: a file that would do that is refused. An engine and a layout always move it. */
  readonly force?: boolean | undefined;
  /** Take only files with a `NAME.sha256`. Default: a file without one is taken when it is the same at two looks. */
  readonly requireChecksum?: boolean | undefined;
  /** A local folder for accepted files, with their checksum and signatures. Default: they are not kept. */
  readonly archiveTo?: string | undefined;
  /** A local folder for refused files, each with `NAME.reason.json` and `.txt`. Default: they are not kept. */
  readonly quarantine?: string | undefined;
  /** A shell command that runs after each accepted file: `$IMGKIT_NAME`, `$IMGKIT_DIGEST`..., and JSON on its standard input. */
  readonly exec?: string | undefined;
  /** Milliseconds after which that command is ended. Default: an hour. */
  readonly execTimeout?: number | undefined;
  /** Remembers what was dealt with. Default: a file beside the store, named after the URL and `into`. */
  readonly stateFile?: string | undefined;
  /** Whom to believe: nothing is loaded unless the signatures and the policy of the trust allow it. Default: no signature is asked for. */
  readonly admission?: Omit<AdmissionOptions, 'statement' | 'signatures'> | undefined;
  /** With `admission`: the file itself must be signed, or it is not even fetched. Default: signatures of the images in it may do. */
  readonly requireSignature?: boolean | undefined;
  /** Decides whether to believe a statement, from its signatures, before the file is fetched. Throws when not. */
  readonly checkStatement?: CheckStatement | undefined;
  /** Told of everything that happens, as it happens. */
  readonly onEvent?: ((event: WatchEvent) => void) | undefined;
}

/** How many files were accepted, refused, and left for later. */
export type WatchResult = Readonly<WatchTally>;

/** A command that takes longer hangs, and the watch with it. */
const EXEC_TIMEOUT = 60 * 60_000;

/**
 * Watches a folder at a host and takes over what arrives: complete files (`NAME.sha256` is there, or nothing changed between two looks) are
 * fetched, verified as `verify` does, and loaded. What is refused goes to quarantine with the reason and is not tried again; what the network
 * or the disk prevents is. With `admission` only what is signed by somebody trusted comes in. Returns when `signal` is aborted, or after one look with `once`. Throws `usage`, `document-malformed` for a state
 * file that is none, `store-locked` while another one works with it, and with `once` what prevents the look.
 */
export async function watch(options: WatchOptions): Promise<WatchResult> {
  // One that was stopped before has seen nothing, which is no failure.
  checkOptions(options, { url: TEXT });
  const { url, network, signal, onProgress, archiveTo, quarantine, exec, admission, requireSignature } = options;
  if (parseUrlLocation(url) === undefined || !isFolderUrl(url)) throw new ImgkitError('usage', `${JSON.stringify(hideSecrets(url))} is no URL of a folder; write sftp://, ftp://, ftps://, https:// or file:///, and / at its end.`);
  if (requireSignature === true && admission === undefined) throw new ImgkitError('usage', 'Only with somebody to trust can a signature be required: --require-signature needs --trust, --key, --cert or --allowed-signers.');
  const checkStatement = options.checkStatement ?? (admission && (await import('./check-statement.js')).statementChecks(admission, { onlyWrong: requireSignature !== true, signal }).check);
  const requireReady = admission && (async (): Promise<void> => {
    const { readTrust } = await import('../operations/trust/read-trust.js');
    await readTrust(admission, signal);
  });
  const into = options.into ?? 'store:';
  requireGrowing(into);
  for (const folder of [archiveTo, quarantine]) if (folder !== undefined) await requireFolder(folder);
  const id = createHash('sha256').update(JSON.stringify([folderOfUser(url), into])).digest('hex').slice(0, 16);
  const stateFile = resolve(options.stateFile ?? join(options.storeFolder ?? defaultStoreFolder(), '..', 'watch', `${id}.json`));
  const tell = (event: BareWatchEvent): void => options.onEvent?.({ time: new Date().toISOString(), ...event } as WatchEvent);
  tell({ event: 'watching', url: redactUrl(url), into });
  return watchFolder({
    url, network, signal, onProgress, archiveTo, quarantine, exec, requireReady, checkStatement, into, stateFile, tell,
    incoming: `${stateFile}.incoming`,
    every: options.every ?? 30_000,
    execTimeout: options.execTimeout ?? EXEC_TIMEOUT,
    once: options.once === true,
    requireChecksum: options.requireChecksum === true,
    accept: (path) => accept(path, into, options),
  });
}

/** Refuses what cannot be a target, which would be called the fault of each file, and what holds only what was written last. */
function requireGrowing(into: string): void {
  const { kind, text } = readLocation(into);
  if (/archive$|^url$/.test(kind)) throw new ImgkitError('usage', `${text}: an archive is written anew for each file that arrives, so that only the last would be left; name the store, an engine, a layout (oci:DIR) or a registry.`, { file: text });
}

/** Refuses what files could not be put into: that would be found out when the images are loaded. It need not be there yet. */
async function requireFolder(folder: string): Promise<void> {
  if ((await stat(folder).catch(() => undefined))?.isDirectory() !== false) return;
  throw new ImgkitError('usage', `${folder}: is no folder, so that nothing can be kept in it; name one, there or not.`, { file: folder });
}

/** What tells one watched folder from another: a server may show each user another one at the same place. */
function folderOfUser(url: string): string {
  const { username } = new URL(url);
  return username === '' ? redactUrl(url) : `${username}@${redactUrl(url)}`;
}

/** What a failed check is as an error. */
const CODES: Readonly<Partial<Record<Finding['check'], ErrorCode>>> = { blob: 'digest-mismatch', 'diff-id': 'diffid-mismatch', 'layer-structure': 'tar-malformed' };

/** Verifies everything, for a full reason, then loads, which verifies what it reads once more. */
async function accept(path: string, into: string, options: WatchOptions): Promise<Accepted> {
  const { signal, onProgress, limits, storeFolder, network, decryption, force, admission } = options;
  const common = { signal, onProgress, limits, storeFolder, network, decryption };
  const location = path.includes('#') ? `${path}#` : path;
  // The signatures first: what is not to be believed is not looked into. Loading checks everything that it reads, too.
  if (admission !== undefined) return accepted(await load({ ...common, from: location, into, force, admission }));
  const report = await verify({ ...common, target: location });
  const failed = report.findings.filter(({ status }) => status === 'failed');
  const [first] = failed;
  if (first !== undefined) {
    const more = failed.length > 1 ? ` (and ${failed.length - 1} more)` : '';
    const about = first.message.includes(first.subject) ? '' : `${first.subject}: `;
    throw new ImgkitError(CODES[first.check] ?? 'document-malformed', `${first.check}: ${about}${first.message}${more}`, { file: path, entry: first.subject, expected: first.expected, found: first.found, offset: first.offset });
  }
  return accepted(await load({ ...common, from: location, into, force }));
}

function accepted({ images }: MoveResult): Accepted {
  return { images: images.filter(({ attached }) => attached !== true).map(({ names, digest }) => ({ names, digest })) };
}
