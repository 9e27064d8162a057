import { ImgkitError, type MakeOptions } from '../../src/index.js';
import type { OptionTable } from '../command.js';
import type { Context } from '../context.js';
import { locationOptions, platformOption } from './source.js';
import { writable } from './stream.js';
import { toWriteOptions, writeOptions } from './write.js';

const { 'all-platforms': _, ...rest } = writeOptions;

/** What every command that makes an image takes. */
export const makeOptions = {
  ...rest,
  ...platformOption,
  ...locationOptions,
  compress: { ...writeOptions.compress, describe: 'New layers (gzip); the others stay as they are' },
} as const satisfies OptionTable;

/** `--change` of the commands that take Dockerfile instructions. */
export const changeOption = {
  change: { type: 'string', alias: 'c', array: true, group: 'Image:', requiresArg: true, value: 'INSTRUCTION', describe: 'Dockerfile instruction: CMD ENTRYPOINT ENV EXPOSE HEALTHCHECK LABEL ONBUILD STOPSIGNAL USER VOLUME WORKDIR' },
} as const satisfies OptionTable;

/** The facade's options for {@link makeOptions}. */
export function toMakeOptions(args: Parameters<typeof toWriteOptions>[0] & { readonly name: string }, context: Context): MakeOptions {
  return { ...toWriteOptions(args, context), to: writable(args.name, context) };
}

/** `NAME=VALUE` words as a map; `undefined` when there are none. A name given twice is refused (`usage`). */
export function toPairs(words: readonly string[] | undefined, option: string): ReadonlyMap<string, string> | undefined {
  if (words === undefined) return undefined;
  const pairs = new Map<string, string>();
  for (const word of words) {
    const at = word.indexOf('=');
    if (at <= 0) throw new ImgkitError('usage', `${option}: "${word}" is not NAME=VALUE.`);
    const name = word.slice(0, at);
    if (pairs.has(name)) throw new ImgkitError('usage', `${option}: ${name} is given more than once.`);
    pairs.set(name, word.slice(at + 1));
  }
  return pairs;
}
