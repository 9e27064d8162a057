import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '../../content/digest.js';
import { isImgkitError, type ErrorCode, type ImgkitError } from '../../errors.js';
import type { NetworkOptions } from '../../network/network-options.js';
import type { WorkOptions } from '../../progress.js';
import { joinRemote } from '../../transport/remote-name.js';
import { siblingUrl } from '../../transport/remote-url.js';
import { fetchFile, type Fetched } from '../ship/fetch-file.js';
import { readRemoteStatement, type CheckStatement } from '../ship/remote-statement.js';
import type { RemoteTarget } from '../ship/remote-target.js';
import type { Arrival } from './find-complete.js';
import { moveFile, quarantineFile } from './quarantine.js';
import { runHook } from './run-hook.js';
import type { Accepted, BareWatchEvent } from './watch-event.js';
import { readWatchState, writeWatchState, type Remembered } from './watch-state.js';

export interface TakeOptions extends WorkOptions {
  /** The watched folder; ends with `/`. */
  readonly url: string;
  readonly network?: NetworkOptions | undefined;
  readonly stateFile: string;
  /** A private folder for what is on its way. */
  readonly incoming: string;
  readonly archiveTo?: string | undefined;
  readonly quarantine?: string | undefined;
  readonly exec?: string | undefined;
  /** As the user names it, for events. */
  readonly into: string;
  /** Where signatures are verified. */
  readonly checkStatement?: CheckStatement | undefined;
  /** Verifies an archive and takes it over. Throws what is wrong with it. */
  readonly accept: (path: string) => Promise<Accepted>;
  readonly tell: (event: BareWatchEvent) => void;
}

/** What is wrong here or on the way, not with the file: trying again may help. */
const PASSING: readonly ErrorCode[] = [
  'network-unreachable', 'network-failed', 'network-timeout', 'login-failed', 'host-untrusted', 'remote-refused', 'remote-full', 'registry-failed', 'engine-unreachable', 'engine-failed',
  'io-failed', 'disk-full', 'file-not-found', 'file-exists', 'store-locked', 'interrupted', 'usage', 'location-invalid', 'location-unsupported', 'compression-unsupported',
];

/**
 * Fetches one file into a private folder, has it accepted, and puts it where it belongs: the archive folder, or quarantine with the reason
 * beside it. Either way its content is remembered and not looked at again. What may pass is told and left for the next look.
 */
export async function takeArrival(target: RemoteTarget, arrival: Arrival, options: TakeOptions): Promise<'accepted' | 'quarantined' | 'failed'> {
  const { tell, incoming, signal } = options;
  const { name, size } = arrival.file;
  const local = join(incoming, name);
  let fetched: Fetched | undefined;
  try {
    const remote = { ...target, path: joinRemote(target.path, name), shown: siblingUrl(target.shown, name) };
    if (await isKnown(remote, arrival, options)) return 'accepted';
    tell({ event: 'found', name, size });
    await mkdir(incoming, { recursive: true, mode: 0o700 });
    fetched = await fetchFile(remote, local, {
      acceptUnchecked: !arrival.file.complete, force: true, keepWrong: options.quarantine !== undefined, checkStatement: options.checkStatement, signal, onProgress: options.onProgress,
    });
    return await accept(arrival, fetched, local, options);
  } catch (error) {
    if (!isImgkitError(error)) throw error;
    if (signal?.aborted === true || isImgkitError(error, ...PASSING)) {
      if (signal?.aborted !== true) tell({ event: 'failed', name, error: { code: error.code, message: error.message } });
      return 'failed';
    }
    await refuse(arrival, fetched, local, error, options);
    return 'quarantined';
  }
}

async function accept(arrival: Arrival, fetched: Fetched, local: string, options: TakeOptions): Promise<'accepted'> {
  const { tell, url, into, archiveTo, exec, signal } = options;
  const { name } = arrival.file;
  const { digest, size, checkedBy } = fetched;
  if (await rememberAgain(arrival, digest, options)) {
    await clear(local);
    return 'accepted';
  }
  const { images } = await options.accept(local);
  const path = archiveTo === undefined ? undefined : await moveFile(local, archiveTo, name);
  if (path !== undefined) for (const sidecar of fetched.sidecars) await moveFile(join(options.incoming, sidecar), archiveTo as string, `${path.slice((archiveTo as string).replace(/\/$/, '').length + 1)}${sidecar.slice(name.length)}`);
  await clear(local);
  await remember(arrival, digest, 'accepted', options);
  const told = { name, url: siblingUrl(url, name), digest, size, checkedBy, into, path, images };
  tell({ event: 'accepted', ...told });
  if (exec !== undefined) {
    const details = { NAME: name, URL: told.url, DIGEST: digest, SIZE: String(size), INTO: into, FILE: path ?? '', IMAGES: images.flatMap(({ names, digest: id }) => (names.length === 0 ? [id] : names)).join(' ') };
    tell({ event: 'exec', name, exit: await runHook(exec, details, told, signal) });
  }
  return 'accepted';
}

/** True when the statement beside the file speaks of a content that was dealt with: it need not be fetched. */
async function isKnown(target: RemoteTarget, arrival: Arrival, options: TakeOptions): Promise<boolean> {
  if (!arrival.file.complete) return false;
  const statement = await readRemoteStatement(target, options.signal);
  return statement !== undefined && rememberAgain(arrival, statement.digest, options);
}

/** The same bytes put there anew: nothing to do, whatever came of them. */
async function rememberAgain(arrival: Arrival, digest: Digest, options: TakeOptions): Promise<boolean> {
  const { name } = arrival.file;
  const before = (await readWatchState(options.stateFile)).remembered.findLast((each) => each.name === name && each.digest === digest);
  // What was refused may have been signed since.
  if (before === undefined || (before.outcome === 'quarantined' && options.checkStatement !== undefined)) return false;
  await remember(arrival, digest, before.outcome, options);
  options.tell({ event: 'known', name, digest });
  return true;
}

async function refuse(arrival: Arrival, fetched: Fetched | undefined, local: string, error: ImgkitError, options: TakeOptions): Promise<void> {
  const { name } = arrival.file;
  const url = siblingUrl(options.url, name);
  const path = options.quarantine === undefined ? undefined : await quarantineFile(local, options.quarantine, { name, url, digest: fetched?.digest, error });
  await clear(local);
  await remember(arrival, fetched?.digest ?? 'none', 'quarantined', options);
  options.tell({ event: 'quarantined', name, url, path, error: { code: error.code, message: error.message } });
}

/** Removes what is left of a file in the private folder. */
async function clear(local: string): Promise<void> {
  for (const suffix of ['', '.sha256', '.sha256.sig', '.sha256.p7s', '.sha256.minisig', '.sha256.sigstore.json']) await rm(`${local}${suffix}`, { force: true });
}

async function remember({ file, key }: Arrival, digest: string, outcome: Remembered['outcome'], { stateFile }: TakeOptions): Promise<void> {
  const state = await readWatchState(stateFile);
  const { [file.name]: _, ...pending } = state.pending;
  await writeWatchState(stateFile, { ...state, pending, remembered: [...state.remembered, { name: file.name, digest, key, outcome, at: new Date().toISOString() }] });
}
