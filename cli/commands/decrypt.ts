import { decrypt as decryptFile, decryptLayers } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { keepMemorySmall } from '../keep-memory-small.js';
import { identityPassphrase } from '../options/identities.js';
import { layerOptions, toLayerOptions, toOutput } from '../options/layers.js';
import { outputOptions } from '../options/output.js';
import { isStream, readable } from '../options/stream.js';
import { printDecrypted } from '../render/encrypt.js';
import { printMove } from '../render/move.js';

export const decrypt = defineCommand({
  name: 'decrypt',
  takes: '<input> [name]',
  summary: 'Decrypt an age or CMS file, or the layers of an image',
  positionals: {
    input: { type: 'string', demandOption: true, value: 'LOCATION', describe: 'The age or CMS file (- is stdin), or an image' },
    name: { type: 'string', value: 'LOCATION', describe: 'With --layers: what the new image is called, or where it goes' },
  },
  options: {
    output: { type: 'string', alias: 'o', group: 'Writing:', requiresArg: true, value: 'FILE', describe: 'The file to write (with --layers: the archive); - is stdout' },
    ...layerOptions,
    identity: { ...layerOptions.identity, describe: 'File with an age identity or SSH private key; for CMS and --layers: PEM private key' },
    'insecure-accept-unauthenticated': { type: 'boolean', group: 'Decryption:', describe: 'Open CMS whose content anybody could have changed (AES-CBC)' },
    ...outputOptions,
  },
  examples: [
    ['imgkit decrypt app.tar.age --identity ~/.ssh/id_ed25519 -o app.tar', 'With an SSH key'],
    ['imgkit decrypt app.tar.p7m --identity key.pem -o app.tar', 'What openssl cms -encrypt -aes-256-gcm made'],
    ['imgkit decrypt --layers oci:enc:1 app:1 --identity key.pem', 'An image that skopeo encrypted'],
  ],
  async run(args, context) {
    keepMemorySmall();
    if (args.layers === true) {
      const { decryption: identities = {}, ...options } = toLayerOptions(args, context);
      const result = await decryptLayers({ ...options, identities });
      printMove(result, args, context, { verb: 'decrypted', dataOnStdout: isStream(options.to) });
      return EXIT.done;
    }
    const result = await decryptFile({
      output: toOutput(args, context),
      input: readable(args.input, context),
      identities: args.identity,
      passphraseFile: args['passphrase-file'],
      passphrase: identityPassphrase,
      acceptUnauthenticated: args['insecure-accept-unauthenticated'],
      signal: context.signal,
      onProgress: context.onProgress,
    });
    printDecrypted(result, args, context);
    return EXIT.done;
  },
});
