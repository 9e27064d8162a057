import { ImgkitError } from '../../errors.js';
import { SIGNING_LIMITS } from '../../limits.js';
import { nameProblem } from './statement-name.js';
import type { Statement, StatementEntry } from './statement.js';

export interface StatementLimits {
  /** Most bytes of a statement. */
  readonly statementBytes: number;
  /** Most files that one statement may name. */
  readonly statementEntries: number;
}

/** The hash, the mode (text or binary, the same on Unix), and the name. */
const LINE = /^(\\?)([0-9a-f]{64}) [ *](.+)$/u;
const SIZE = /^# size (0|[1-9]\d{0,15}) (.+)$/u;

/**
 * Reads a statement strictly. Lines are what sha256sum writes: `HEX  NAME` or `HEX *NAME`, with a backslash before lines whose
 * name is escaped; `# size N NAME` tells the size of a file that another line names; other lines with `#` are comments.
 * Refused are names twice, paths, control characters, another line end than LF, a last line without one, upper-case digits,
 * empty lines, and no files at all. Throws `statement-malformed` with the line's number, or `limit-exceeded`.
 */
export function parseStatement(bytes: Uint8Array, where: string, limits: StatementLimits = SIGNING_LIMITS): Statement {
  if (bytes.length > limits.statementBytes) {
    throw new ImgkitError('limit-exceeded', `${where}: has ${bytes.length} bytes, more than the ${limits.statementBytes} that a statement may have.`, { file: where, expected: `<= ${limits.statementBytes}`, found: String(bytes.length) });
  }
  const lines = textOf(bytes, where).split('\n');
  if (lines.pop() !== '') throw malformed(where, lines.length + 1, 'does not end, so the file is cut short');
  const entries = new Map<string, StatementEntry>();
  const sizes = new Map<string, { readonly size: number; readonly line: number }>();
  lines.forEach((line, i) => {
    const number = i + 1;
    if (line.startsWith('#')) {
      if (/^#\s*size\b/i.test(line)) addSize(sizes, line, where, number);
      return;
    }
    const entry = parseLine(line, where, number);
    if (entries.has(entry.name)) throw malformed(where, number, `names ${JSON.stringify(entry.name)} again; which one counts would be anyone's guess`);
    if (entries.size === limits.statementEntries) throw new ImgkitError('limit-exceeded', `${where}: names more than the ${limits.statementEntries} files that a statement may name.`, { file: where });
    entries.set(entry.name, entry);
  });
  for (const [name, { size, line }] of sizes) {
    const entry = entries.get(name);
    if (entry === undefined) throw malformed(where, line, `tells the size of ${JSON.stringify(name)}, which has no checksum`);
    entries.set(name, { ...entry, size });
  }
  if (entries.size === 0) throw malformed(where, Math.max(lines.length, 1), 'is the last, and no file was named');
  return { entries: [...entries.values()] };
}

function parseLine(line: string, where: string, number: number): StatementEntry {
  if (line.includes('\r')) throw malformed(where, number, 'has a Windows line end, which another program put there');
  const match = LINE.exec(line);
  if (match === null) throw malformed(where, number, 'is no checksum; it must read "64 lower-case hexadecimal digits, two spaces, file name"');
  const [, escape = '', hex = '', rest = ''] = match;
  return { name: checkName(escape === '' ? rest : unescape(rest, where, number), where, number), digest: `sha256:${hex}` };
}

/** As sha256sum reads them: only `\\`, `\n` and `\r` exist, and names with the latter two are refused anyway. */
function unescape(text: string, where: string, number: number): string {
  return text.replaceAll(/\\(.?)/gu, (_, next: string) => {
    if (next !== '\\') throw malformed(where, number, 'escapes a character that no file name here may have');
    return '\\';
  });
}

function addSize(sizes: Map<string, { readonly size: number; readonly line: number }>, line: string, where: string, number: number): void {
  const match = SIZE.exec(line);
  const size = Number(match?.[1]);
  if (match === null || !Number.isSafeInteger(size)) throw malformed(where, number, 'tells no size; it must read "# size BYTES NAME"');
  const name = checkName(match[2] as string, where, number);
  if (sizes.has(name)) throw malformed(where, number, `tells the size of ${JSON.stringify(name)} again`);
  sizes.set(name, { size, line: number });
}

function checkName(name: string, where: string, number: number): string {
  const problem = nameProblem(name);
  if (problem !== undefined) throw malformed(where, number, `has a name that ${problem}`);
  return name;
}

function textOf(bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new ImgkitError('statement-malformed', `${where}: is not UTF-8 text; get the statement again.`, { file: where }, { cause: error });
  }
}

function malformed(where: string, line: number, problem: string): ImgkitError {
  return new ImgkitError('statement-malformed', `${where}: line ${line} ${problem}; get the statement again from whoever made it.`, { file: where });
}
