import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { interrupted } from '../../content/interrupted.js';
import { encodeText } from '../../tar/text.js';
import type { Inode } from '../inode.js';

/** A name in the folder that is made, and what it stands for. */
export interface AttributedFile {
  readonly path: string;
  readonly inode: Inode;
}

/** What became of the attributes; `missing` when there is no `setfattr` (Debian: package `attr`). */
export type RestoredXattrs =
  | { readonly kind: 'missing' }
  /** `refused`: what the system said, one line for each attribute or file that it did not take. */
  | { readonly kind: 'done'; readonly refused: readonly string[] };

/** Lines of complaint that are kept; all are counted. */
const MOST_OUTPUT = 1024 * 1024;

/**
 * Gives files below the open folder `handle` the extended attributes that `keeps` lets through, with one run of `setfattr`:
 * Node has no call for it. Names and values go through its standard input, quoted; no link is followed at the end of a path, and
 * all folders on the way must be such as nobody else can change. Throws `interrupted`.
 */
export async function restoreXattrs(handle: number, files: Iterable<AttributedFile>, keeps: (name: string) => boolean, signal: AbortSignal | undefined): Promise<RestoredXattrs> {
  const child = spawn('setfattr', ['--no-dereference', '--restore=-'], { cwd: `/proc/${process.pid}/fd/${handle}`, stdio: ['pipe', 'ignore', 'pipe'], env: { ...process.env, LC_ALL: 'C' }, signal });
  let said = '';
  child.stderr.setEncoding('latin1').on('data', (text: string) => { if (said.length < MOST_OUTPUT) said += text; });
  // It may end before it has read everything; what it says then is on the other pipe.
  child.stdin.on('error', () => undefined);
  const closed = new Promise<Error | undefined>((resolve) => {
    child.once('error', resolve);
    child.once('close', () => resolve(undefined));
  });
  for (const { path, inode } of files) {
    const lines = [...inode.xattrs].filter(([name]) => keeps(name)).map(([name, value]) => `${quoted(name)}=0x${Buffer.from(value).toString('hex')}\n`);
    if (lines.length === 0 || child.stdin.destroyed) continue;
    if (!child.stdin.write(`# file: ./${quoted(path)}\n${lines.join('')}\n`)) await Promise.race([once(child.stdin, 'drain').catch(() => undefined), closed]);
  }
  child.stdin.end();
  const error = await closed;
  if (signal?.aborted === true) throw interrupted('writing extended attributes', error);
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return { kind: 'missing' };
  return { kind: 'done', refused: error === undefined ? said.split('\n').filter((line) => line !== '') : [error.message] };
}

/** As `getfattr --dump` writes names: bytes that are not plain in octal. */
function quoted(text: string): string {
  let result = '';
  for (const byte of encodeText(text)) result += /[A-Za-z0-9._/-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`;
  return result;
}
