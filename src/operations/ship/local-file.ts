import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ByteSource } from '../../content/byte-source.js';
import { finishDigest, type Digest } from '../../content/digest.js';
import { openFileSource } from '../../content/file-source.js';
import { throwIfInterrupted } from '../../content/interrupted.js';
import { lentBytes, type LentChunk } from '../../content/lent-chunk.js';
import { localChunks } from '../../content/local-chunks.js';
import { ImgkitError, fromSystemError } from '../../errors.js';
import { SIGNING_LIMITS } from '../../limits.js';
import { parseStatement } from '../../crypto/sign/parse-statement.js';
import { STATEMENT_SUFFIX } from '../../crypto/sign/statement.js';
import type { WorkOptions } from '../../progress.js';
import { plainSidecars, type Sidecars, SIGNATURE_SUFFIXES } from './commit-upload.js';

/** A local file that is to be sent: what it was when it was hashed. Whoever opened it closes `source`. */
export interface LocalFile {
  readonly path: string;
  readonly name: string;
  readonly size: number;
  readonly digest: Digest;
  readonly source: ByteSource;
  /** Its bytes from `offset` on. */
  chunks(offset: number): AsyncIterable<LentChunk>;
  /** Throws `io-failed` when the file is not what it was when it was hashed. */
  requireUnchanged(): Promise<void>;
}

/** Opens a regular file and hashes all of it. Throws `file-not-found`, `location-unsupported`, `io-failed`. */
export async function openLocalFile(path: string, { signal, onProgress }: WorkOptions): Promise<LocalFile> {
  const source = await openFileSource(path);
  try {
    const version = await versionOf(path);
    const hash = createHash('sha256');
    let done = 0;
    const chunks = (offset: number): AsyncIterable<LentChunk> => {
      const range = { offset, length: source.size - offset };
      const file = source.locate(range);
      return file === undefined ? source.stream(range) : localChunks(file, path);
    };
    for await (const chunk of chunks(0)) {
      throwIfInterrupted(signal, `hashing ${path}`);
      hash.update(lentBytes(chunk));
      done += chunk.length;
      onProgress?.({ phase: 'hash', item: path, done, total: source.size });
    }
    return {
      path, name: basename(path), size: source.size, digest: finishDigest(hash, 'sha256'), source, chunks,
      async requireUnchanged() {
        if ((await versionOf(path)) !== version) throw new ImgkitError('io-failed', `${path}: the file changed while it was sent; wait until it is complete and run it again.`, { file: path });
      },
    };
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function versionOf(path: string): Promise<string> {
  const { size, mtimeNs, ino } = await stat(path, { bigint: true }).catch((error: unknown) => {
    throw fromSystemError(error, path, 'looking at it');
  });
  return `${size} ${mtimeNs} ${ino}`;
}

/**
 * What goes beside the file: the statement that lies beside it here, with its signatures, as they are; or one made now, also for another name
 * than the one it speaks of, where signatures stay behind and `note` says so. Throws `digest-mismatch` when the one that is there speaks of
 * other bytes, and `statement-malformed`.
 */
export async function sidecarsOf({ path, name, digest, size }: LocalFile, remoteName: string): Promise<{ readonly sidecars: Sidecars; readonly note?: string }> {
  const statement = await readOptional(`${path}${STATEMENT_SUFFIX}`);
  if (statement === undefined) return { sidecars: plainSidecars(remoteName, digest, size) };
  const where = `${path}${STATEMENT_SUFFIX}`;
  const entry = parseStatement(statement, where).entries.find((each) => each.name === name);
  if (entry?.digest !== digest) {
    throw new ImgkitError('digest-mismatch', `${where}: says ${entry?.digest ?? 'nothing'} of ${name}, which has ${digest}; one of the two is not what it should be. Make the statement again, or get the file again.`, { file: where, expected: entry?.digest, found: digest });
  }
  const signatures = new Map<string, Uint8Array>();
  for (const suffix of SIGNATURE_SUFFIXES) {
    const bytes = await readOptional(`${path}${suffix}`);
    if (bytes !== undefined) signatures.set(suffix, bytes);
  }
  if (remoteName === name) return { sidecars: { statement, signatures } };
  const sidecars = plainSidecars(remoteName, digest, size);
  return signatures.size === 0 ? { sidecars } : { sidecars, note: `its signatures stayed here: they are for the name ${name}; send it under that name, or sign it with --sign-key` };
}

async function readOptional(path: string): Promise<Uint8Array | undefined> {
  try {
    const { size } = await stat(path);
    if (size > SIGNING_LIMITS.signatureBytes) throw new ImgkitError('limit-exceeded', `${path}: has ${size} bytes, more than a checksum or signature file can have; is it the right file?`, { file: path });
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fromSystemError(error, path, 'reading it');
  }
}
