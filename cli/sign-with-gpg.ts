import { ImgkitError, signImageGpg, type SignImageGpgResult } from '../src/index.js';
import type { Context } from './context.js';
import { EXIT } from './exit-code.js';
import { toNetworkOptions } from './options/network.js';
import { askPassphrase } from './options/passphrase.js';
import { parseTime } from './options/time.js';
import { print } from './print.js';
import { renderGpgSummary, renderSignedWithGpg } from './render/sign.js';
import type { SignImageArgs } from './sign-images.js';

interface SignWithGpgArgs extends SignImageArgs {
  readonly lookaside?: string | undefined;
  readonly output?: string | undefined;
}

/** `imgkit sign --format gpg`: every word is a location of images. One call for each. Throws `usage` for options that only files have. */
export async function signWithGpg(args: SignWithGpgArgs, context: Context): Promise<number> {
  const alone = Object.entries({ cert: args.cert, chain: args.chain, statement: args.statement }).find(([, value]) => value !== undefined)?.[0];
  if (alone !== undefined) throw new ImgkitError('usage', `--${alone}: GPG signs images, with a key alone; leave it out.`);
  const { key, reference, lookaside, output } = args;
  if (output !== undefined && args.file.length > 1) throw new ImgkitError('usage', '-o takes the signature of one image; for several, name a folder with --lookaside.');
  const passphrase = (): Promise<string | undefined> => askPassphrase(context);
  const results: SignImageGpgResult[] = [];
  for (const location of args.file) {
    results.push(await signImageGpg({
      location, key, reference, lookaside, output, passphrase, passphraseFile: args['passphrase-file'], at: parseTime(args.at, 'at'),
      storeFolder: args.store, network: toNetworkOptions(args, context), signal: context.signal, onProgress: context.onProgress,
    }));
  }
  const [first] = results;
  const result = { keyId: first?.keyId, subkey: first?.subkey, images: results.flatMap(({ location, signed }) => signed.map((each) => ({ location, ...each }))) };
  print(result, args, context, {
    text: () => renderSignedWithGpg(results),
    quiet: () => result.images.map(({ file }) => file),
    aside: renderGpgSummary(results),
  });
  return EXIT.done;
}
