import { parseStatement } from '../../crypto/sign/parse-statement.js';
import { STATEMENT_SUFFIX } from '../../crypto/sign/statement.js';
import { isImgkitError } from '../../errors.js';
import { splitRemotePath } from '../../transport/remote-name.js';
import { readSmall } from './read-small.js';
import type { RemoteTarget } from './remote-target.js';

/**
 * What stands as the statement beside a remote file, compared with one that is to be put there: nothing, the very bytes, others that say the
 * same of the file, or something else, of another file maybe, or what nobody can read. Throws what the network does.
 */
export async function standingStatement(target: RemoteTarget, ours: Uint8Array, signal: AbortSignal | undefined): Promise<'none' | 'same' | 'agrees' | 'other'> {
  try {
    const theirs = await readSmall(target, `${target.path}${STATEMENT_SUFFIX}`, signal);
    if (theirs === undefined) return 'none';
    if (Buffer.from(ours).equals(theirs)) return 'same';
    return statedDigest(theirs, target) === statedDigest(ours, target) ? 'agrees' : 'other';
  } catch (error) {
    if (isImgkitError(error, 'limit-exceeded', 'remote-refused')) return 'other';
    throw error;
  }
}

/** What a statement says of the file; undefined when it is malformed, or says nothing of it. */
export function statedDigest(statement: Uint8Array, { path, shown }: RemoteTarget): string | undefined {
  try {
    return parseStatement(statement, `${shown}${STATEMENT_SUFFIX}`).entries.find(({ name }) => name === splitRemotePath(path).name)?.digest;
  } catch (error) {
    if (isImgkitError(error, 'statement-malformed', 'limit-exceeded')) return undefined;
    throw error;
  }
}
