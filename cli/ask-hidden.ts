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
 * terminal or the answer is empty. Ctrl-C ends the whole command as SIGINT does, and is `interrupted`. Waits for its turn.
 */
export async function askHidden(question: string, context: Pick<Context, 'conversation' | 'stderr' | 'signal'>): Promise<string | undefined> {
  return context.conversation.ask(() => askNow(question, context));
}

async function askNow(question: string, context: Pick<Context, 'stderr' | 'signal'>): Promise<string | undefined> {
  if (context.signal.aborted) throw stopped();
  const terminal = openTerminal();
  if (terminal === undefined) return undefined;
  // First: whoever types at once sees nothing of it either.
  terminal.setEncoding('utf8').setRawMode(true);
  context.stderr.write(`${escape(question.trimEnd())} `);
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
  return new Promise((resolve, reject) => {
    let line = '';
    signal.addEventListener('abort', () => reject(stopped()), { once: true });
    terminal.on('error', reject).on('end', () => resolve(undefined));
    terminal.on('data', (text) => {
      for (const character of String(text)) {
        // In raw mode this is a character like any other; it must end the command, not only this question.
        if (character === CTRL_C) return process.kill(process.pid, 'SIGINT');
        if (ENTER.test(character)) return resolve(line === '' ? undefined : line);
        line = BACKSPACE.test(character) ? [...line].slice(0, -1).join('') : line + character;
      }
    });
  });
}

function stopped(): ImgkitError {
  return new ImgkitError('interrupted', 'Stopped while asking for a password.');
}
