import { ImgkitError } from '../../src/index.js';
import type { Context } from '../context.js';

/** Longer input is no password. */
const LONGEST = 64 * 1024;

/** The password on standard input, without the line break at its end. Throws `usage`. */
export async function passwordFromStdin(context: Context): Promise<string> {
  if (context.stdin.isTTY === true) throw new ImgkitError('usage', '--password-stdin: standard input is your terminal, which would show the password; leave the option out to be asked.');
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of process.stdin as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > LONGEST) throw new ImgkitError('usage', '--password-stdin: what comes is too long for a password.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8').replace(/\r?\n$/, '');
}

/** Asks on the terminal. `hidden` shows nothing of the answer. Undefined when nobody is there. */
export async function ask(question: string, context: Context, { hidden }: { readonly hidden: boolean }): Promise<string | undefined> {
  if (context.stderr.isTTY !== true || context.stdin.isTTY !== true) return undefined;
  if (hidden) return (await import('../ask-hidden.js')).askHidden(question, context);
  const { createInterface } = await import('node:readline/promises');
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  // The terminal gives it to us as a character; it must end the command, not only this question.
  prompt.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const noMore = new Promise<undefined>((resolve) => { prompt.once('close', () => resolve(undefined)); });
  let line: string | undefined;
  try {
    line = await Promise.race([prompt.question(`${question} `, { signal: context.signal }), noMore]);
  } finally {
    prompt.close();
    if (line === undefined) context.stderr.write('\n');
  }
  return line?.trim() || undefined;
}
