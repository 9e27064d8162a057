import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { formatStatement } from '../../crypto/sign/format-statement.js';
import { parseStatement } from '../../crypto/sign/parse-statement.js';
import { SIGNATURE_SUFFIX, type Signer } from '../../crypto/sign/signature.js';
import { nameProblem } from '../../crypto/sign/statement-name.js';
import { STATEMENT_SUFFIX, type StatementEntry } from '../../crypto/sign/statement.js';
import { removeDeadParts } from '../../content/part-file.js';
import type { BlobPool } from '../../content/worker-pool.js';
import { ImgkitError, isImgkitError } from '../../errors.js';
import { SIGNING_LIMITS } from '../../limits.js';
import type { WorkOptions } from '../../progress.js';
import { digestFile } from './digest-file.js';
import { readBoundedFile } from './read-bounded-file.js';
import { writeSmallFile } from '../../content/write-small-file.js';

export interface SignFilesInput extends WorkOptions {
  /** Paths of files in one folder. */
  readonly files: readonly string[];
  /** Where the statement goes, in the same folder. Default, for one file: `FILE.sha256`. */
  readonly statement?: string | undefined;
  readonly signer: Signer;
  readonly at?: Date | undefined;
  readonly pool: BlobPool;
}

export interface SignedFiles {
  readonly statement: string;
  readonly signature: string;
  /** True when the statement was there already, and says the same. */
  readonly kept: boolean;
  /** True when a signature of the same format was there, which is gone now: it may have been that of somebody else. */
  readonly replaced?: true | undefined;
  readonly entries: readonly StatementEntry[];
}

/**
 * Writes one statement about `files` and signs it. A statement that is there already is signed as it is, if it is about exactly
 * these files and still true: signing vouches for every line. A signature of the same format is replaced.
 * Throws `usage` for files in several folders or with names that a statement cannot hold, `file-exists` when the statement that
 * is there says something else, and what reading, signing and writing throw.
 */
export async function signFiles(input: SignFilesInput): Promise<SignedFiles> {
  const { signer, signal } = input;
  const path = statementPath(input);
  const entries: StatementEntry[] = [];
  for (const file of input.files) entries.push({ name: basename(file), ...(await digestFile(file, input.pool, input)) });
  const existing = await readExisting(path, signal);
  const bytes = existing ?? formatStatement({ entries });
  if (existing !== undefined) requireSame(parseStatement(existing, path).entries, entries, path);
  const signature = `${path}${SIGNATURE_SUFFIX[signer.format]}`;
  const signed = await signer.sign(bytes, { at: input.at, name: basename(path), signal });
  if (existing === undefined) await writeSmallFile(path, bytes, { overwrite: false });
  // One that was killed when the statement had its name left a part that is the same file.
  else await removeDeadParts(path);
  const replaced = await stat(signature).then((): true => true, () => undefined);
  await writeSmallFile(signature, signed, { overwrite: true });
  return { statement: path, signature, kept: existing !== undefined, replaced, entries };
}

function statementPath({ files, statement }: SignFilesInput): string {
  const [first, ...more] = files;
  if (first === undefined) throw new ImgkitError('usage', 'Name at least one file to sign.');
  if (statement === undefined && more.length > 0) throw new ImgkitError('usage', 'Several files in one statement need a name for it: --statement FILE.');
  const path = statement ?? `${first}${STATEMENT_SUFFIX}`;
  const elsewhere = files.find((file) => join(dirname(file)) !== join(dirname(path)));
  if (elsewhere !== undefined) throw new ImgkitError('usage', `${elsewhere}: is in another folder than the statement ${path}; sha256sum -c could not find it, so put them together.`, { file: elsewhere });
  for (const file of files) {
    const problem = nameProblem(basename(file));
    if (problem !== undefined) throw new ImgkitError('usage', `${file}: its name ${problem}; rename it to sign it.`, { file });
  }
  return path;
}

async function readExisting(path: string, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
  try {
    return (await readBoundedFile(path, SIGNING_LIMITS.statementBytes, signal)).bytes;
  } catch (error) {
    if (isImgkitError(error, 'file-not-found')) return undefined;
    throw error;
  }
}

function requireSame(stated: readonly StatementEntry[], found: readonly StatementEntry[], path: string): void {
  const refuse = (problem: string): never => {
    throw new ImgkitError('file-exists', `${path}: is there already and ${problem}; remove it and its signatures if it is out of date.`, { file: path });
  };
  const facts = new Map(found.map((entry) => [entry.name, entry]));
  for (const { name, digest, size } of stated) {
    const fact = facts.get(name);
    if (fact === undefined) return refuse(`is about ${JSON.stringify(name)} too, which was not named and so not checked`);
    if (fact.digest !== digest || (size !== undefined && fact.size !== size)) refuse(`says something else about ${JSON.stringify(name)} than what it is`);
  }
  const missing = found.find(({ name }) => !stated.some((each) => each.name === name));
  if (missing !== undefined) refuse(`says nothing about ${JSON.stringify(missing.name)}`);
}
