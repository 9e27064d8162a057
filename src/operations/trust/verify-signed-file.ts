import { basename } from 'node:path';
import type { StatementEntry } from '../../crypto/sign/statement.js';
import type { VerifiedSignature } from '../../crypto/sign/signature.js';
import type { BlobPool } from '../../content/worker-pool.js';
import type { WorkOptions } from '../../progress.js';
import { digestAsSigned } from './digest-as-signed.js';
import type { FileFacts } from './digest-file.js';
import { expectedFile } from './prove-file.js';
import { verifyStatement, type StatementInput } from './verify-statement.js';

/** What is known of a file before it was read: who signed what about it. */
export interface SignedEntry {
  readonly entry: StatementEntry;
  readonly signatures: readonly VerifiedSignature[];
  readonly notes: readonly string[];
}

/** A file that is what somebody trusted signed. */
export interface SignedFile extends FileFacts {
  readonly signatures: readonly VerifiedSignature[];
  readonly notes: readonly string[];
}

/**
 * Checks signatures and statement, and gives what they say of the file called `name`. The file itself is not read: whoever reads
 * it compares, with `proveFile` or on the way with `proveStream`. Throws as `verifyStatement` and `expectedFile`.
 */
export async function verifySignedEntry(input: StatementInput & { readonly name: string }): Promise<SignedEntry> {
  const signed = await verifyStatement(input);
  return { entry: expectedFile(signed, input.name), signatures: signed.signatures, notes: signed.notes };
}

/**
 * Checks the signatures, the statement and then the file at path `file`, in this order: a file of any size is read only when
 * somebody trusted said what it should be. Throws as {@link verifySignedEntry} and `proveFile`, and what reading it throws.
 */
export async function verifySignedFile(input: StatementInput & WorkOptions & { readonly file: string; readonly pool: BlobPool }): Promise<SignedFile> {
  const { entry, signatures, notes } = await verifySignedEntry({ ...input, name: basename(input.file) });
  const facts = await digestAsSigned(entry, input.file, input.pool, input);
  return { ...facts, signatures, notes };
}
