import { ImgkitError } from '../../errors.js';
import type { Digest } from '../../content/digest.js';
import { parseStatement } from '../../crypto/sign/parse-statement.js';
import { STATEMENT_SUFFIX } from '../../crypto/sign/statement.js';
import { splitRemotePath } from '../../transport/remote-name.js';
import { type Sidecars, SIGNATURE_SUFFIXES } from './commit-upload.js';
import { readSmall } from './read-small.js';
import type { RemoteTarget } from './remote-target.js';

/** What stands beside a remote file, and what it says of that file. */
export interface RemoteStatement extends Sidecars {
  readonly digest: Digest;
  readonly size?: number | undefined;
}

/**
 * Decides, before a byte of the file is fetched, whether to believe what stands beside it, undefined for nothing: the place where signatures
 * are verified. `shown` is the URL of the file. Throws when not.
 */
export type CheckStatement = (sidecars: Sidecars | undefined, name: string, shown: string) => Promise<void>;

/** The statement beside a remote file, `NAME.sha256`, as it is, with its signatures; undefined when there is none. Throws what reading throws. */
export async function readRemoteSidecars(target: RemoteTarget, signal: AbortSignal | undefined): Promise<Sidecars | undefined> {
  if (target.presigned) return undefined;
  const statement = await readBeside(target, STATEMENT_SUFFIX, signal);
  if (statement === undefined) return undefined;
  const signatures = new Map<string, Uint8Array>();
  for (const suffix of SIGNATURE_SUFFIXES) {
    const bytes = await readBeside(target, suffix, signal);
    if (bytes !== undefined) signatures.set(suffix, bytes);
  }
  return { statement, signatures };
}

/** A folder of such a name is nothing that stands beside a file, as in a listing: who watches would fail with it for ever. */
async function readBeside(target: RemoteTarget, suffix: string, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
  const path = `${target.path}${suffix}`;
  try {
    return await readSmall(target, path, signal);
  } catch (error) {
    const there = signal?.aborted === true ? undefined : await target.transport.stat(path, { signal }).catch(() => undefined);
    if (there?.kind === 'folder') return undefined;
    throw error;
  }
}

/** What those sidecars say of the file; its signatures are not looked at. Throws `statement-malformed`, also when it does not speak of the file. */
export function readStatementOf({ path, shown }: Pick<RemoteTarget, 'path' | 'shown'>, sidecars: Sidecars): RemoteStatement {
  const { name } = splitRemotePath(path);
  const where = `${shown}${STATEMENT_SUFFIX}`;
  const entry = parseStatement(sidecars.statement, where).entries.find((each) => each.name === name);
  if (entry === undefined) throw new ImgkitError('statement-malformed', `${where}: has no line for ${name}; get the statement again from whoever made it.`, { file: where, entry: name });
  return { ...sidecars, digest: entry.digest, size: entry.size };
}
