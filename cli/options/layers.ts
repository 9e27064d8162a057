import { ImgkitError, outputLocation, type MakeOptions } from '../../src/index.js';
import type { OptionTable } from '../command.js';
import type { Context } from '../context.js';
import type { IdentityArgs } from './identities.js';
import type { NetworkArgs } from './network.js';
import { commonOptions, locationOptions } from './source.js';
import { writable } from './stream.js';
import { writeOptions } from './write.js';

/** What `encrypt` and `decrypt` take for the layers of an image. */
export const layerOptions = {
  layers: { type: 'boolean', group: 'Layers:', describe: 'Work on the layers of an image (OCI, ocicrypt), not on a file' },
  format: { ...writeOptions.format, group: 'Layers:' },
  force: { ...writeOptions.force, group: 'Layers:' },
  ...locationOptions,
} as const satisfies OptionTable;

export interface LayerArgs extends NetworkArgs, IdentityArgs {
  readonly input: string;
  readonly name?: string | undefined;
  readonly output?: string | undefined;
  readonly layers?: boolean | undefined;
  readonly format?: MakeOptions['format'];
  readonly force?: boolean | undefined;
  readonly store?: string | undefined;
}

/** The facade's options for the layers of an image; throws `usage` when its arguments are those for a file. */
export function toLayerOptions(args: LayerArgs, context: Context): MakeOptions & { readonly location: string } {
  const { name, output } = args;
  if (name !== undefined && output !== undefined) throw new ImgkitError('usage', `Both "${name}" and -o say where the image goes; give one of them.`);
  const to = name ?? (output === undefined ? undefined : outputLocation(output));
  if (to === undefined) throw new ImgkitError('usage', 'With --layers, name the image and what the result is called: a name in the store, oci:DIR, or an archive.');
  return { ...commonOptions(args, context), location: args.input, to: writable(to, context), format: args.format, force: args.force };
}

/** Where the file goes; throws `usage` when the arguments are those for an image. */
export function toOutput(args: LayerArgs, context: Context): string {
  if (args.name !== undefined) throw new ImgkitError('usage', `Unknown argument: ${args.name}. The output of a file is named with -o; --layers is for images.`);
  const wrong = (['format', 'force', 'store'] as const).find((option) => args[option] !== undefined);
  if (wrong !== undefined) throw new ImgkitError('usage', `--${wrong} is for --layers only.`);
  if (args.output === undefined) throw new ImgkitError('usage', 'Name the file to write: -o FILE, or -o - for stdout.');
  return writable(args.output, context);
}
