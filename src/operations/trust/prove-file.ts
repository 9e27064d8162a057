import type { StatementEntry } from '../../crypto/sign/statement.js';
import { ImgkitError } from '../../errors.js';
import type { FileFacts } from './digest-file.js';
import type { SignedStatement } from './verify-statement.js';

/**
 * What a signed statement says of the file called `name`. Throws `signature-invalid` when it says nothing of it: a signature
 * over other files proves nothing about this one, whatever it is called here.
 */
export function expectedFile({ name: statement, statement: { entries } }: Pick<SignedStatement, 'name' | 'statement'>, name: string): StatementEntry {
  const entry = entries.find((each) => each.name === name);
  if (entry !== undefined) return entry;
  const names = entries.slice(0, 5).map((each) => each.name).join(', ');
  throw new ImgkitError('signature-invalid', `${name}: the signed statement ${statement} is about other files (${names}${entries.length > 5 ? ', ...' : ''}); take the statement that belongs to it, and do not rename files that are signed.`, {
    file: statement, expected: name, found: names,
  });
}

/**
 * Compares a file, read whole by whoever computed `facts`, with what the signed statement says of it. `file` is its path, for
 * messages. Throws `signature-invalid`.
 */
export function proveFile(entry: StatementEntry, facts: FileFacts, file: string): void {
  if (entry.size !== undefined && entry.size !== facts.size) {
    throw new ImgkitError('signature-invalid', `${file}: has ${facts.size} bytes, but the signed statement says ${entry.size}; transfer it again, and do not use it if that stays.`, {
      file, expected: `${entry.size} bytes`, found: `${facts.size} bytes`,
    });
  }
  if (entry.digest !== facts.digest) {
    throw new ImgkitError('signature-invalid', `${file}: is not the file that was signed; transfer it again, and do not use it if that stays.`, { file, expected: entry.digest, found: facts.digest });
  }
}
