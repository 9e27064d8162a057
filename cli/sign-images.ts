import { ImgkitError, signImage, type SignImageResult } from '../src/index.js';
import type { Context } from './context.js';
import { EXIT } from './exit-code.js';
import { toNetworkOptions, type NetworkArgs } from './options/network.js';
import type { OutputArgs } from './options/output.js';
import { askPassphrase } from './options/passphrase.js';
import { parseTime } from './options/time.js';
import { print } from './print.js';
import { renderSignedImage, renderSignedImages } from './render/sign.js';

export interface SignImageArgs extends NetworkArgs, OutputArgs {
  readonly file: readonly string[];
  readonly key: string;
  readonly format?: string | undefined;
  readonly cert?: string | undefined;
  readonly chain?: readonly string[] | undefined;
  readonly 'passphrase-file'?: string | undefined;
  readonly reference?: string | undefined;
  readonly statement?: string | undefined;
  readonly store?: string | undefined;
  readonly at?: string | undefined;
}

/** True for words that name an image rather than a file. */
export function isImage(word: string): boolean {
  return /^(?:store:|oci:|docker:\/\/)/.test(word);
}

/** `imgkit sign` of images: one call for each. Throws `usage` for options that only files have. */
export async function signImages(args: SignImageArgs, context: Context): Promise<number> {
  if (!args.file.every(isImage)) throw new ImgkitError('usage', 'Sign files and images in two calls: their signatures lie in different places.');
  const alone = Object.entries({ cert: args.cert, chain: args.chain, statement: args.statement }).find(([, value]) => value !== undefined)?.[0];
  if (alone !== undefined || (args.format !== undefined && args.format !== 'cosign')) throw new ImgkitError('usage', `--${alone ?? 'format'}: images are signed as cosign does, with a key alone; to sign with a certificate or an SSH key, sign the archive.`);
  const { key, reference } = args;
  const passphrase = (): Promise<string | undefined> => askPassphrase(context);
  const results: SignImageResult[] = [];
  for (const location of args.file) {
    results.push(await signImage({
      location, key, reference, passphrase, passphraseFile: args['passphrase-file'], at: parseTime(args.at, 'at'),
      storeFolder: args.store, network: toNetworkOptions(args, context), signal: context.signal, onProgress: context.onProgress,
    }));
  }
  const result = { keyId: results[0]?.keyId, images: results.flatMap(({ location, signed }) => signed.map((each) => ({ location, ...each }))) };
  print(result, args, context, {
    text: () => renderSignedImages(results),
    quiet: () => result.images.map(({ digest }) => digest),
    aside: [renderSignedImage(results)],
  });
  return EXIT.done;
}
