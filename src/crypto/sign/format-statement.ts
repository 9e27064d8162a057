import { digestHex } from '../../content/digest.js';
import { ImgkitError } from '../../errors.js';
import { nameProblem } from './statement-name.js';
import type { Statement } from './statement.js';

/**
 * The bytes of a statement: for every entry a comment with its size and the line that `sha256sum -c` checks, in the order
 * given, so the same entries always give the same bytes. A name with a backslash is escaped as sha256sum does it.
 * Throws `usage` for a name that a statement cannot hold, or that is there twice.
 */
export function formatStatement({ entries }: Statement): Uint8Array {
  const names = new Set<string>();
  const lines = entries.flatMap(({ name, digest, size }) => {
    const problem = nameProblem(name) ?? (names.has(name) ? 'is there twice' : undefined);
    if (problem !== undefined) throw new ImgkitError('usage', `${JSON.stringify(name)}: cannot stand in a statement: the name ${problem}; rename the file.`, { file: name });
    names.add(name);
    if (!digest.startsWith('sha256:')) throw new TypeError(`${digest} is not a SHA-256`);
    const escaped = name.replaceAll('\\', '\\\\');
    const line = `${escaped === name ? '' : '\\'}${digestHex(digest)}  ${escaped}`;
    return size === undefined ? [line] : [`# size ${size} ${name}`, line];
  });
  return Buffer.from(lines.map((line) => `${line}\n`).join(''));
}
