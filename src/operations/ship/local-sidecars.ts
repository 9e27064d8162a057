import { readFile, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { writeSmallFile } from '../../content/write-small-file.js';
import { ImgkitError } from '../../errors.js';
import { STATEMENT_SUFFIX } from '../../crypto/sign/statement.js';
import { type Sidecars, SIGNATURE_SUFFIXES } from './commit-upload.js';

/**
 * Writes a statement and its signatures beside the local file `path`; resolves with their names. One that is there already and says
 * something else stays and is told (`file-exists`), unless `force`: it may have come by a better way. With `force`, signatures over another
 * statement go with that.
 */
export async function writeLocalSidecars(path: string, sidecars: Sidecars | undefined, force: boolean): Promise<readonly string[]> {
  const all = sidecarFiles(path, sidecars);
  if (force && sidecars !== undefined) await removeSignaturesOfOther(path, sidecars);
  for (const { file, bytes } of all) {
    if (await requireSameOrFree(file, bytes, force)) continue;
    await writeSmallFile(file, bytes, { overwrite: true });
  }
  return all.map(({ file }) => basename(file));
}

/** Throws the `file-exists` that {@link writeLocalSidecars} would end with, before any work. */
export async function checkLocalSidecars(path: string, sidecars: Sidecars | undefined, force: boolean): Promise<void> {
  for (const { file, bytes } of sidecarFiles(path, sidecars)) await requireSameOrFree(file, bytes, force);
}

async function removeSignaturesOfOther(path: string, { statement, signatures }: Sidecars): Promise<void> {
  const present = await readFile(`${path}${STATEMENT_SUFFIX}`).catch(() => undefined);
  if (present === undefined || present.equals(statement)) return;
  for (const suffix of SIGNATURE_SUFFIXES) if (!signatures.has(suffix)) await rm(`${path}${suffix}`, { force: true });
}

interface SidecarFile {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** The statement last: whoever sees it finds all the others. */
function sidecarFiles(path: string, sidecars: Sidecars | undefined): readonly SidecarFile[] {
  if (sidecars === undefined) return [];
  return [...sidecars.signatures, [STATEMENT_SUFFIX, sidecars.statement] as const].map(([suffix, bytes]) => ({ file: `${path}${suffix}`, bytes }));
}

/** Throws `file-exists` when `file` has other bytes than these, unless `force`. True when it has these very bytes already. */
async function requireSameOrFree(file: string, bytes: Uint8Array, force: boolean): Promise<boolean> {
  const present = await readFile(file).catch(() => undefined);
  if (present?.equals(bytes) === true) return true;
  if (present !== undefined && !force) throw new ImgkitError('file-exists', `${file}: is there already and is not what the server has; compare them, then remove it or give --force.`, { file });
  return false;
}
