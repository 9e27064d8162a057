import type { Digest } from '../../content/digest.js';
import { nameProblem } from '../../crypto/sign/statement-name.js';
import { STATEMENT_SUFFIX } from '../../crypto/sign/statement.js';
import { plainSidecars, type Sidecars } from './commit-upload.js';

/** A file under the name that it gets here. */
export interface NamedFile {
  readonly name: string;
  readonly digest: Digest;
  readonly size: number;
}

/**
 * What goes beside a proven file that `stated`, the name in its statement, is not the name of: a statement speaks of names, and `sha256sum -c` looks
 * for them. An unsigned one is made anew. A signed one cannot be: it stays as it is, with its signatures, and `note` says what follows from that.
 */
export function renameSidecars(sidecars: Sidecars, stated: string, file: NamedFile): { readonly sidecars: Sidecars; readonly note?: string } {
  const { name, digest, size } = file;
  if (name === stated) return { sidecars };
  if (sidecars.signatures.size === 0 && nameProblem(name) === undefined) return { sidecars: plainSidecars(name, digest, size) };
  const why = sidecars.signatures.size > 0 ? 'is signed' : 'could not name it so';
  return { sidecars, note: `${name}${STATEMENT_SUFFIX} ${why}, and still speaks of ${stated}: it verifies the file only under that name` };
}
