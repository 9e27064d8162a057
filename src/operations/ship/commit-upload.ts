import type { Digest } from '../../content/digest.js';
import { ImgkitError } from '../../errors.js';
import { formatStatement } from '../../crypto/sign/format-statement.js';
import { STATEMENT_SUFFIX } from '../../crypto/sign/statement.js';
import { SIGNATURE_SUFFIX } from '../../crypto/sign/signature.js';
import { renameOver, writeWhole, type RemoteTarget } from './remote-target.js';

/** What stands beside a file: the statement with its checksum, and signatures over that, by what they add to the file's name. */
export interface Sidecars {
  readonly statement: Uint8Array;
  readonly signatures: ReadonlyMap<string, Uint8Array>;
}

/** Everything that may stand beside `NAME`: `.sha256` last, which says that the rest is there. */
export const SIDECAR_SUFFIXES: readonly string[] = [...Object.values(SIGNATURE_SUFFIX).map((suffix) => `${STATEMENT_SUFFIX}${suffix}`), STATEMENT_SUFFIX];

/** The statement that `sha256sum -c` checks, for one file. */
export function plainSidecars(name: string, digest: Digest, size: number): Sidecars {
  return { statement: formatStatement({ entries: [{ name, digest, size }] }), signatures: new Map() };
}

/** Refuses a name that is taken, unless it may be replaced. Throws `remote-refused`. */
export async function requireFree({ transport, path, shown, presigned }: RemoteTarget, force: boolean, signal: AbortSignal | undefined): Promise<void> {
  if (presigned) return;
  const there = await transport.stat(path, { signal });
  if (there === undefined || (force && there.kind === 'file')) return;
  const remedy = there.kind === 'file' ? 'choose another name, or give --force to replace it' : 'choose another name, or end the URL with / to write into that folder';
  throw new ImgkitError('remote-refused', `${shown}: there is a ${there.kind} of this name already; ${remedy}.`, { file: shown });
}

/**
 * Gives a proven part file its final name and puts the sidecars beside it: signatures first and the statement last, so that a receiver who
 * sees `NAME.sha256` finds everything there. With `force`, what stood beside an older file goes before that does.
 */
export async function commitUpload(target: RemoteTarget, part: string, sidecars: Sidecars, force: boolean, signal: AbortSignal | undefined): Promise<void> {
  const { transport, path } = target;
  // From the statement down: a file without one is not complete to anybody.
  if (force) for (const suffix of SIDECAR_SUFFIXES.toReversed()) await transport.remove(`${path}${suffix}`, { signal });
  if (part !== path) await renameOver(target, part, path, force, signal);
  await writeSidecars(target, sidecars, signal);
}

/** Puts the sidecars beside a file that is there, the statement last. */
export async function writeSidecars(target: RemoteTarget, { statement, signatures }: Sidecars, signal: AbortSignal | undefined): Promise<void> {
  const { path } = target;
  for (const [suffix, bytes] of signatures) await writeWhole(target, `${path}${suffix}`, bytes, signal);
  await writeWhole(target, `${path}${STATEMENT_SUFFIX}`, statement, signal);
}
