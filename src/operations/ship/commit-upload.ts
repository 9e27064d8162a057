import type { Digest } from '../../content/digest.js';
import { ImgkitError } from '../../errors.js';
import { formatStatement } from '../../crypto/sign/format-statement.js';
import { STATEMENT_SUFFIX } from '../../crypto/sign/statement.js';
import { SIGNATURE_SUFFIX } from '../../crypto/sign/signature.js';
import { splitRemotePath } from '../../transport/remote-name.js';
import { renameOver, type RemoteTarget } from './remote-target.js';
import { standingStatement } from './standing-statement.js';
import { writeWhole } from './write-whole.js';

/** What stands beside a file: the statement with its checksum, and signatures over that, by what they add to the file's name. */
export interface Sidecars {
  readonly statement: Uint8Array;
  readonly signatures: ReadonlyMap<string, Uint8Array>;
}

/** What the names of signatures add to that of the file. */
export const SIGNATURE_SUFFIXES: readonly string[] = Object.values(SIGNATURE_SUFFIX).map((suffix) => `${STATEMENT_SUFFIX}${suffix}`);

/** Everything that may stand beside `NAME`: `.sha256` last, which says that the rest is there. */
export const SIDECAR_SUFFIXES: readonly string[] = [...SIGNATURE_SUFFIXES, STATEMENT_SUFFIX];

/** The statement that `sha256sum -c` checks, for one file. */
export function plainSidecars(name: string, digest: Digest, size: number): Sidecars {
  return { statement: formatStatement({ entries: [{ name, digest, size }] }), signatures: new Map() };
}

/** File systems take names of so many bytes. */
const MOST_NAME = 255;

/** Refuses a name that receivers leave alone, or to which no sidecar can be added: that would be found out when the file is there. Throws `location-invalid`. */
export function requireUsableName({ path, shown }: Pick<RemoteTarget, 'path' | 'shown'>, suffixes: readonly string[]): void {
  const { name } = splitRemotePath(path);
  if (/[\\\p{Cc}]/u.test(name)) throw new ImgkitError('location-invalid', `${shown}: the name holds a backslash or a control character, so that nobody could list or fetch it; choose another.`, { file: shown });
  const most = MOST_NAME - Math.max(...suffixes.map((suffix) => suffix.length));
  if (Buffer.byteLength(name) > most) throw new ImgkitError('location-invalid', `${shown}: the name has ${Buffer.byteLength(name)} bytes; what is put beside the file adds to it, and file systems take ${MOST_NAME}: choose one of at most ${most}.`, { file: shown });
}

/** Refuses a name that is taken, unless it may be replaced. Throws `remote-refused`. */
export async function requireFree({ transport, path, shown, presigned }: RemoteTarget, force: boolean, signal: AbortSignal | undefined): Promise<void> {
  if (presigned) return;
  const there = await transport.stat(path, { signal });
  if (there === undefined || (force && there.kind === 'file')) return;
  const [what, remedy] = {
    file: ['a file', ', or give --force to replace it'],
    folder: ['a folder', ', or end the URL with / to write into that folder'],
    other: ['something that is no file', ''],
  }[there.kind];
  throw new ImgkitError('remote-refused', `${shown}: there is ${what} of this name already; choose another name${remedy}.`, { file: shown });
}

/**
 * Gives a proven part file its final name and puts the sidecars beside it: signatures first and the statement last, so that a receiver who
 * sees `NAME.sha256` finds everything there. With `force`, what stood beside an older file goes before that does.
 */
export async function commitUpload(target: RemoteTarget, part: string, sidecars: Sidecars, force: boolean, signal: AbortSignal | undefined): Promise<void> {
  // Who took the name meanwhile has put a statement and signatures there, which are not ours to clear.
  if (part !== target.path && !force) await requireFree(target, force, signal);
  const standing = await clearOthers(target, sidecars, force, signal);
  if (part !== target.path) await renameOver(target, part, target.path, force, signal);
  await putSidecars(target, sidecars, standing, signal);
}

/**
 * Puts the sidecars beside a file that is there, the statement last. A statement of somebody else that says the same of the file stays, with
 * the signatures over it, unless ours is signed; one that says something else was of another file, and goes with its signatures.
 */
export async function writeSidecars(target: RemoteTarget, sidecars: Sidecars, signal: AbortSignal | undefined): Promise<void> {
  await putSidecars(target, sidecars, await clearOthers(target, sidecars, false, signal), signal);
}

type Standing = Exclude<Awaited<ReturnType<typeof standingStatement>>, 'other'>;

/** Removes what is not of this file, or not by whom it shall be, from the statement down: without one, nothing is complete to anybody. Resolves with what may stay. */
async function clearOthers(target: RemoteTarget, { statement, signatures }: Sidecars, force: boolean, signal: AbortSignal | undefined): Promise<Standing> {
  const { transport, path } = target;
  const standing = force ? 'other' : await standingStatement(target, statement, signal);
  if (standing !== 'other' && !(standing === 'agrees' && signatures.size > 0)) return standing;
  for (const suffix of SIDECAR_SUFFIXES.toReversed()) await transport.remove(`${path}${suffix}`, { signal });
  return 'none';
}

async function putSidecars(target: RemoteTarget, { statement, signatures }: Sidecars, standing: Standing, signal: AbortSignal | undefined): Promise<void> {
  if (standing === 'agrees') return;
  for (const [suffix, bytes] of signatures) await writeWhole(target, `${target.path}${suffix}`, bytes, signal);
  if (standing === 'none') await writeWhole(target, `${target.path}${STATEMENT_SUFFIX}`, statement, signal);
}
