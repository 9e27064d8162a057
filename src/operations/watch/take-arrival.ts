import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Digest } from '../../content/digest.js';
import { fromSystemError, ImgkitError, isImgkitError, type ErrorCode } from '../../errors.js';
import type { NetworkOptions } from '../../network/network-options.js';
import type { WorkOptions } from '../../progress.js';
import { makePrivate } from '../../content/make-private.js';
import { joinRemote } from '../../transport/remote-name.js';
import { siblingUrl } from '../../transport/remote-url.js';
import { plainSidecars, SIDECAR_SUFFIXES } from '../ship/commit-upload.js';
import { fetchFile, type Fetched } from '../ship/fetch-file.js';
import { writeLocalSidecars } from '../ship/local-sidecars.js';
import { readRemoteSidecars, readStatementOf, type CheckStatement } from '../ship/remote-statement.js';
import type { RemoteTarget } from '../ship/remote-target.js';
import type { Drop } from './drop.js';
import type { Arrival } from './find-complete.js';
import { freeName } from './free-name.js';
import { moveFile } from './move-file.js';
import { quarantineFile } from './quarantine.js';
import { runHook } from './run-hook.js';
import type { Accepted, BareWatchEvent } from './watch-event.js';
import { forgetOldest, readWatchState, writeWatchState, type Remembered } from './watch-state.js';

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
  /** Milliseconds that `exec` may take. */
  readonly execTimeout: number;
  /** As the user names it, for events. */
  readonly into: string;
  /** Throws what is wrong here with what files are judged by, such as a trust folder: no fault of any file. */
  readonly requireReady?: (() => Promise<void>) | undefined;
  /** Where signatures are verified. */
  readonly checkStatement?: CheckStatement | undefined;
  /** Verifies an archive and takes it over. Throws what is wrong with it. */
  readonly accept: (path: string) => Promise<Accepted>;
  readonly tell: (event: BareWatchEvent) => void;
}

/** What is wrong here or on the way, not with the file: trying again may help. */
const PASSING: readonly ErrorCode[] = [
  'network-unreachable', 'network-failed', 'network-timeout', 'login-failed', 'host-untrusted', 'remote-refused', 'remote-full', 'registry-failed', 'engine-unreachable', 'engine-failed',
  'io-failed', 'disk-full', 'file-not-found', 'file-exists', 'store-locked', 'interrupted', 'key-exposed', 'key-malformed', 'usage', 'location-invalid', 'location-unsupported', 'compression-unsupported',
];

/**
 * Fetches one file into a private folder, has it accepted, and puts it where it belongs: the archive folder, or quarantine with the reason
 * beside it. Either way its content is remembered and not looked at again. What may pass is told and left for the next look, and so is what
 * changes meanwhile: an upload that is still under way, or replaced.
 */
export async function takeArrival(drop: Drop, arrival: Arrival, options: TakeOptions): Promise<'accepted' | 'quarantined' | 'failed'> {
  const { tell, incoming, signal } = options;
  const { target } = drop;
  const { name, size } = arrival.file;
  const local = join(incoming, name);
  let fetched: Fetched | undefined;
  try {
    const remote = { ...target, path: joinRemote(target.path, name), shown: siblingUrl(target.shown, name) };
    if (await isKnown(drop, remote, arrival, options)) return 'accepted';
    tell({ event: 'found', name, size });
    const problem = await notReady(options);
    if (problem !== undefined) return failed(name, problem, options);
    await makePrivate(incoming);
    fetched = await fetchFile(remote, local, {
      acceptUnchecked: !arrival.file.complete, force: true, keepWrong: options.quarantine !== undefined, checkStatement: options.checkStatement, signal, onProgress: options.onProgress,
    });
    return await accept(drop, arrival, { fetched, local }, options);
  } catch (error) {
    if (!isImgkitError(error)) throw error;
    const told = asNamed(error, local, name);
    if (signal?.aborted === true || isImgkitError(error, ...PASSING)) return failed(name, told, options);
    return refuse(drop, arrival, { fetched, local, error: told }, options);
  }
}

async function notReady({ requireReady }: TakeOptions): Promise<ImgkitError | undefined> {
  try {
    await requireReady?.();
    return undefined;
  } catch (error) {
    if (!isImgkitError(error)) throw error;
    return error;
  }
}

/** The error with the name of the file at the host: where it lay here for a moment tells nobody anything. */
function asNamed(cause: ImgkitError, local: string, name: string): ImgkitError {
  const { code, message, details } = cause;
  const short = (text: string | undefined): string | undefined => text?.replaceAll(local, name);
  return new ImgkitError(code, message.replaceAll(local, name), { ...details, file: short(details.file), entry: short(details.entry) }, { cause });
}

function failed(name: string, { code, message }: ImgkitError, { signal, tell }: TakeOptions): 'failed' {
  if (signal?.aborted !== true) tell({ event: 'failed', name, error: { code, message } });
  return 'failed';
}

async function accept(drop: Drop, arrival: Arrival, { fetched, local }: { readonly fetched: Fetched; readonly local: string }, options: TakeOptions): Promise<'accepted'> {
  const { tell, url, into, archiveTo, exec, execTimeout: timeout, signal } = options;
  const { name } = arrival.file;
  const { digest, size, checkedBy } = fetched;
  if (await rememberAgain(drop, arrival, digest, options)) {
    await clear(local);
    return 'accepted';
  }
  const { images } = await options.accept(local);
  const path = archiveTo === undefined ? undefined : await archive(local, archiveTo, name, fetched);
  await clear(local);
  await remember(drop, arrival, digest, 'accepted', options);
  const told = { name, url: siblingUrl(url, name), digest, size, checkedBy, into, path, images };
  tell({ event: 'accepted', ...told });
  if (exec !== undefined) {
    const details = { NAME: name, URL: told.url, DIGEST: digest, SIZE: String(size), INTO: into, FILE: path ?? '', IMAGES: images.flatMap(({ names, digest: id }) => (names.length === 0 ? [id] : names)).join(' ') };
    tell({ event: 'exec', name, exit: await runHook(exec, details, told, { timeout, signal }) });
  }
  return 'accepted';
}

/** Moves the file and what came with it. Where the name is taken, all get another one, of which a new statement speaks, unless the old one is signed. */
async function archive(local: string, folder: string, name: string, { digest, size, sidecars }: Fetched): Promise<string> {
  await makePrivate(folder);
  for (;;) {
    const given = await freeName(folder, name, SIDECAR_SUFFIXES);
    const path = join(folder, given);
    // Another watch may keep its files there, too.
    if (!(await moveFile(local, path))) continue;
    if (given !== name && sidecars.length === 1) await writeLocalSidecars(path, plainSidecars(given, digest, size), true);
    else for (const sidecar of sidecars) await moveFile(join(dirname(local), sidecar), `${path}${sidecar.slice(name.length)}`);
    return path;
  }
}

/** True when the statement beside the file speaks of a content that was dealt with: it need not be fetched. */
async function isKnown(drop: Drop, target: RemoteTarget, arrival: Arrival, options: TakeOptions): Promise<boolean> {
  if (!arrival.file.complete) return false;
  const sidecars = await readRemoteSidecars(target, options.signal);
  return sidecars !== undefined && rememberAgain(drop, arrival, readStatementOf(target, sidecars).digest, options);
}

/** The same bytes put there anew: nothing to do, whatever came of them, unless others were accepted under that name since: then the sender went back. */
async function rememberAgain(drop: Drop, arrival: Arrival, digest: Digest, options: TakeOptions): Promise<boolean> {
  const { name } = arrival.file;
  const ofName = (await readWatchState(options.stateFile)).remembered.filter((each) => each.name === name);
  const before = ofName.findLast((each) => each.digest === digest);
  // What was refused may have been signed since.
  if (before === undefined || (before.outcome === 'quarantined' && options.checkStatement !== undefined)) return false;
  if (before.outcome === 'accepted' && ofName.findLast(({ outcome }) => outcome === 'accepted') !== before) return false;
  await remember(drop, arrival, digest, before.outcome, options);
  options.tell({ event: 'known', name, digest });
  return true;
}

interface Refused {
  readonly fetched: Fetched | undefined;
  readonly local: string;
  readonly error: ImgkitError;
}

/** A quarantine that cannot be written to is no reason to leave the other files: this one comes again. */
async function refuse(drop: Drop, arrival: Arrival, { fetched, local, error }: Refused, options: TakeOptions): Promise<'quarantined' | 'failed'> {
  const { name } = arrival.file;
  const url = siblingUrl(options.url, name);
  try {
    // A file that is made and then written is empty for a moment, or ends in the middle of a line.
    if (fetched === undefined && !arrival.settled && isImgkitError(error, 'statement-malformed', 'signature-malformed')) {
      await lookOnceMore(arrival, options);
      return failed(name, new ImgkitError('network-failed', `${name}: what stands beside it may still be on its way, and is looked at once more before it is judged: ${error.message}`, { file: name }, { cause: error }), options);
    }
    // What has the digest that is stated is all there. Anything else may be half of an upload whose checksum came first, or its signature last.
    if (fetched?.checkedBy !== 'statement' && (await drop.hasChanged(arrival))) {
      await clear(local);
      return failed(name, new ImgkitError('network-failed', `${name}: changed while it was looked at: it is still being written, or was replaced or taken away; it will be looked at again.`, { file: name }, { cause: error }), options);
    }
    const kept = options.quarantine === undefined ? undefined : await quarantineFile(local, options.quarantine, { name, url, digest: fetched?.digest, error });
    await clear(local);
    await remember(drop, arrival, fetched?.digest ?? 'none', 'quarantined', options);
    options.tell({ event: 'quarantined', name, url, ...kept, error: { code: error.code, message: error.message } });
    return 'quarantined';
  } catch (problem) {
    if (!isImgkitError(problem)) throw problem;
    return failed(name, problem, options);
  }
}

/** At the next look, this one is {@link Arrival.settled} if it is the same. */
async function lookOnceMore({ file: { name }, key }: Arrival, { stateFile }: TakeOptions): Promise<void> {
  const state = await readWatchState(stateFile);
  await writeWatchState(stateFile, { ...state, pending: { ...state.pending, [name]: key } });
}

/** Removes what is left of a file in the private folder. */
async function clear(local: string): Promise<void> {
  for (const suffix of ['', ...SIDECAR_SUFFIXES]) {
    await rm(`${local}${suffix}`, { force: true }).catch((error: unknown) => {
      // A name that is too long is of nothing that could be there.
      if ((error as NodeJS.ErrnoException).code !== 'ENAMETOOLONG') throw fromSystemError(error, `${local}${suffix}`, 'removing it');
    });
  }
}

async function remember({ names }: Drop, { file: { name }, key }: Arrival, digest: string, outcome: Remembered['outcome'], { stateFile }: TakeOptions): Promise<void> {
  const state = await readWatchState(stateFile);
  const { [name]: _, ...pending } = state.pending;
  // What a listing said of the same bytes before says nothing any more.
  const others = state.remembered.filter((each) => each.name !== name || each.digest !== digest);
  await writeWatchState(stateFile, { ...state, pending, remembered: forgetOldest([...others, { name, digest, key, outcome, at: new Date().toISOString() }], names) });
}
