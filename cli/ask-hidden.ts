import { openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { ImgkitError } from '../src/index.js';
import type { Context } from './context.js';
import { escape } from './render/escape.js';

const ENTER = /[\r\n\u0004]/;
const CTRL_C = '\u0003';
const BACKSPACE = /[\u0008\u007f]/;

/**
 * Asks on the terminal itself, not on stdin, which may carry an archive, and shows nothing of the answer. Undefined when there is no
 * terminal or the answer is empty. Ctrl-C is `interrupted`.
 */
export async function askHidden(question: string, context: Pick<Context, 'endProgress' | 'stderr' | 'signal'>): Promise<string | undefined> {
  const terminal = openTerminal();
  if (terminal === undefined) return undefined;
  context.endProgress();
  context.stderr.write(`${escape(question)} `);
  terminal.setEncoding('utf8').setRawMode(true);
  try {
    return await readLine(terminal, context.signal);
  } finally {
    terminal.setRawMode(false);
    terminal.destroy();
    context.stderr.write('\n');
  }
}

function openTerminal(): ReadStream | undefined {
  try {
    return new ReadStream(openSync('/dev/tty', 'r'));
  } catch {
    return undefined;
  }
}

function readLine(terminal: ReadStream, signal: AbortSignal): Promise<string | undefined> {
  const stopped = (): ImgkitError => new ImgkitError('interrupted', 'Stopped while asking for a password.');
  return new Promise((resolve, reject) => {
    let line = '';
    signal.addEventListener('abort', () => reject(stopped()), { once: true });
    terminal.on('error', reject).on('end', () => resolve(undefined));
    terminal.on('data', (text) => {
      for (const character of String(text)) {
        if (character === CTRL_C) return reject(stopped());
        if (ENTER.test(character)) return resolve(line === '' ? undefined : line);
        line = BACKSPACE.test(character) ? [...line].slice(0, -1).join('') : line + character;
      }
    });
  });
}
