import type { DecryptResult, EncryptResult } from '../../src/index.js';
import type { Context } from '../context.js';
import { print } from '../print.js';
import { escape } from './escape.js';
import { bytes } from './units.js';

type Args = { readonly json?: boolean | undefined; readonly quiet?: boolean | undefined };

/** Prints for whom a file was encrypted. */
export function printEncrypted(result: EncryptResult, args: Args, context: Context): void {
  print(result, args, context, {
    text: () => result.recipients.map((recipient) => `for ${escape(recipient)}`),
    quiet: () => [],
    to: result.output === '-' ? 'stderr' : 'stdout',
    aside: [`encrypted ${place(result.input, 'stdin')} to ${place(result.output, 'stdout')}: ${bytes(result.bytes)}; nothing in it says who sent it, so sign it too`],
  });
}

/** Prints what was decrypted. */
export function printDecrypted(result: DecryptResult, args: Args, context: Context): void {
  print(result, args, context, {
    text: () => [],
    quiet: () => [],
    to: result.output === '-' ? 'stderr' : 'stdout',
    aside: [`decrypted ${place(result.input, 'stdin')} to ${place(result.output, 'stdout')}: ${bytes(result.bytes)}, ${result.authenticated ? 'complete and unchanged since it was encrypted' : 'and nothing proves that it is what was encrypted: anybody on the way could have changed it'}`],
  });
}

function place(path: string, stream: string): string {
  return path === '-' ? stream : escape(path);
}
