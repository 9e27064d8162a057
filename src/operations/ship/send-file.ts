import type { WorkOptions } from '../../progress.js';
import { digestHex } from '../../content/digest.js';
import { ImgkitError, isImgkitError } from '../../errors.js';
import { STATEMENT_SUFFIX } from '../../crypto/sign/statement.js';
import { splitRemotePath } from '../../transport/remote-name.js';
import { commitUpload, requireFree, requireUsableName, writeSidecars, type Sidecars } from './commit-upload.js';
import { sidecarsOf, type LocalFile } from './local-file.js';
import { holdPart, removeLeftParts } from './held-part.js';
import { orNothing } from './or-nothing.js';
import { explainMissingFolder } from './missing-folder.js';
import { provePrefix, sameBytes, type Prefix } from './prove-prefix.js';
import { readSmall } from './read-small.js';
import { removeQuietly, type RemoteTarget } from './remote-target.js';
import { statedDigest } from './standing-statement.js';
import { requireProof, verifyRemote, type RemoteProof, type VerifyMode } from './verify-remote.js';

export interface SendFileOptions extends WorkOptions {
  /** Adds a signature to what goes beside the file called `name`. */
  readonly sign?: ((sidecars: Sidecars, name: string) => Promise<Sidecars>) | undefined;
  readonly force: boolean;
  readonly verify: VerifyMode;
}

export interface Sent {
  /** `already-there`: the very file was there, and nothing was sent but what was missing beside it. */
  readonly status: 'sent' | 'already-there';
  readonly proof: RemoteProof;
  /** Bytes of the file that went over the network now. */
  readonly sentBytes: number;
  /** What became of a part file that an earlier run left, and of signatures that could not go along. */
  readonly notes: readonly string[];
}

/** Looks at a part file that is longer by the time it is continued. */
const TRIES = 5;

/**
 * Sends a file to a host so that a later process can go on where this one was cut: the name of the part file says of what digest it is and
 * who writes it, so that no two write to one, and it is continued only from bytes that are proven to be there. Proven at the far end,
 * renamed, then the sidecars, `NAME.sha256` last. A network failure leaves the part file; a wrong one is removed. Throws `remote-refused`
 * for a name that another file has.
 */
export async function sendFile(file: LocalFile, target: RemoteTarget, options: SendFileOptions): Promise<Sent> {
  const { abilities, path, presigned } = target;
  const { signal, force, verify } = options;
  requireProof(target, verify);
  if (presigned) {
    if (options.sign !== undefined) throw new ImgkitError('usage', `${target.shown}: a presigned URL takes one file, and the signature is another; send it without --sign-key, and FILE.sha256 with its signature to URLs of their own.`, { file: target.shown });
    return sendPresigned(file, target, options);
  }
  const { name } = splitRemotePath(path);
  const stated = await sidecarsOf(file, name);
  const sidecars = (await options.sign?.(stated.sidecars, name)) ?? stated.sidecars;
  requireUsableName(target, [STATEMENT_SUFFIX, ...sidecars.signatures.keys()]);
  const unsigned = stated.note === undefined || options.sign !== undefined ? [] : [stated.note];
  const proof = await thereOrFree(file, target, options);
  if (proof !== undefined) {
    // A server that links before it unlinks, or a process, was killed in between.
    if (abilities.rename !== 'none') await removeLeftParts(target, digestHex(file.digest), signal);
    await writeSidecars(target, sidecars, signal);
    return { status: 'already-there', proof, sentBytes: 0, notes: unsigned };
  }
  if (abilities.rename === 'none') {
    const proven = await orNothing(target, { force, size: file.size }, async () => {
      await write(file, target, path, 0, options);
      await file.requireUnchanged();
      return verifyRemote(target, path, file, verify, options);
    });
    await commitUpload(target, path, sidecars, force, signal);
    return { status: 'sent', proof: proven, sentBytes: file.size, notes: unsigned };
  }
  const part = await holdPart(target, digestHex(file.digest), signal);
  try {
    const sent = await sendPart(file, target, part.path, sidecars, options);
    await part.sweep();
    return { ...sent, notes: [part.note, ...sent.notes, ...unsigned].filter((note) => note !== undefined) };
  } catch (error) {
    // Nobody could go on with it.
    if (abilities.partial === 'never') await removeQuietly(target, part.path);
    throw error;
  } finally {
    part.release();
  }
}

async function sendPart(file: LocalFile, target: RemoteTarget, part: string, sidecars: Sidecars, options: SendFileOptions): Promise<Sent> {
  const { signal, force, verify } = options;
  const { offset, note } = await writeRest(file, target, part, options);
  const sent = { sentBytes: file.size - offset, notes: note === undefined ? [] : [note] };
  await file.requireUnchanged();
  try {
    const proof = await verifyRemote(target, part, file, verify, options);
    await commitUpload(target, part, sidecars, force, signal);
    return { status: 'sent', proof, ...sent };
  } catch (error) {
    // Another process was faster with the same file: then it is there.
    const proof = isImgkitError(error, 'remote-refused', 'file-not-found') ? await alreadyThere(file, target, options).catch(() => undefined) : undefined;
    if (proof !== undefined || isImgkitError(error, 'digest-mismatch')) await removeQuietly(target, part);
    if (proof === undefined) throw error;
    await writeSidecars(target, sidecars, signal);
    return { status: 'already-there', proof, ...sent };
  }
}

/** Goes on from what is there. A server that is still at work on what it got before a cut may add to that after the last look at it. */
async function writeRest(file: LocalFile, target: RemoteTarget, part: string, options: WorkOptions): Promise<Prefix> {
  for (let tries = 1; ; tries += 1) {
    const prefix = await provePrefix(file, target, part, options);
    try {
      if (prefix.offset < file.size || prefix.offset === 0) await write(file, target, part, prefix.offset, options);
      return prefix;
    } catch (error) {
      const there = prefix.offset > 0 && tries < TRIES && isImgkitError(error, 'remote-refused') ? await target.transport.stat(part, { signal: options.signal }) : undefined;
      if (there?.size === undefined || there.size === prefix.offset) throw error;
    }
  }
}

async function write(file: LocalFile, target: RemoteTarget, part: string, offset: number, { signal, onProgress }: WorkOptions): Promise<void> {
  const { transport, shown } = target;
  const onSent = (done: number): void => onProgress?.({ phase: 'send', item: shown, done, total: file.size });
  onSent(offset);
  try {
    await transport.write(part, file.chunks(offset), { offset, size: file.size, lent: true, signal, onSent });
  } catch (error) {
    throw await explainMissingFolder(error, target, signal);
  }
}

/** A presigned URL takes one file in one request, and answers no other question. */
async function sendPresigned(file: LocalFile, target: RemoteTarget, options: WorkOptions): Promise<Sent> {
  await write(file, target, target.path, 0, options);
  await file.requireUnchanged();
  return { status: 'sent', proof: 'size', sentBytes: file.size, notes: ['no checksum file was put beside it: a presigned URL takes one file'] };
}

/** As {@link alreadyThere}; undefined when the name may be taken. Throws `remote-refused` for a name that another file has. */
async function thereOrFree(file: LocalFile, target: RemoteTarget, options: SendFileOptions): Promise<RemoteProof | undefined> {
  const proof = await alreadyThere(file, target, options);
  if (proof !== undefined) return proof;
  try {
    await requireFree(target, options.force, options.signal);
    return undefined;
  } catch (error) {
    // Another process may have brought the same file between the two looks.
    const late = isImgkitError(error, 'remote-refused') ? await alreadyThere(file, target, options) : undefined;
    if (late === undefined) throw error;
    return late;
  }
}

/** How it is known that the final name already stands for this very file; undefined when it does not, or nobody knows. */
async function alreadyThere(file: LocalFile, target: RemoteTarget, options: SendFileOptions): Promise<RemoteProof | undefined> {
  const { transport, abilities, path } = target;
  const { signal, verify } = options;
  const there = await transport.stat(path, { signal });
  if (there?.kind !== 'file' || there.size !== file.size) return undefined;
  const hash = abilities.hash && verify !== 'readback' ? await transport.hash(path, { signal }) : undefined;
  if (hash !== undefined) return hash === file.digest ? 'hash' : undefined;
  const marker = verify === 'readback' || verify === 'hash' ? undefined : await readSmall(target, `${path}${STATEMENT_SUFFIX}`, signal);
  if (marker !== undefined) return statedDigest(marker, target) === file.digest ? 'size' : undefined;
  return (await sameBytes(file, target, path, file.size, options)) ? 'readback' : undefined;
}
