import { encrypt as encryptFile, encryptLayers, ImgkitError } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { keepMemorySmall } from '../keep-memory-small.js';
import { layerOptions, toLayerOptions, toOutput } from '../options/layers.js';
import { outputOptions } from '../options/output.js';
import { recipientOptions } from '../options/recipients.js';
import { isStream, readable } from '../options/stream.js';
import { printEncrypted } from '../render/encrypt.js';
import { printMove } from '../render/move.js';

export const encrypt = defineCommand({
  name: 'encrypt',
  takes: '<input> [name]',
  summary: 'Encrypt a file as age or CMS, or the layers of an image',
  positionals: {
    input: { type: 'string', demandOption: true, value: 'LOCATION', describe: 'The file to encrypt (- is stdin), or an image' },
    name: { type: 'string', value: 'LOCATION', describe: 'With --layers: what the new image is called, or where it goes' },
  },
  options: {
    output: { type: 'string', alias: 'o', group: 'Writing:', requiresArg: true, value: 'FILE', describe: 'The file to write (with --layers: the archive); - is stdout' },
    ...recipientOptions,
    recipient: { ...recipientOptions.recipient, describe: 'Encrypt for age1... or "ssh-ed25519 AAAA..."; for CMS: file with a certificate; with --layers: or a public key' },
    ...layerOptions,
    format: { ...layerOptions.format, group: 'Writing:', choices: ['age', 'cms', ...layerOptions.format.choices] as const, describe: 'age, or cms for openssl, up to 1 GiB (age); with --layers: the archive' },
    identity: { ...layerOptions.identity, group: 'Layers:', describe: 'Private key that opens encrypted layers, to add recipients' },
    'passphrase-file': { ...layerOptions['passphrase-file'], group: 'Encryption:', describe: 'Encrypt with the passphrase in this file (with --layers: of the identity)' },
    ...outputOptions,
  },
  examples: [
    ['imgkit encrypt app.tar -R ~/.ssh/id_ed25519.pub -o app.tar.age', 'For the owner of an SSH key'],
    ['imgkit encrypt app.tar --format cms -r cert.pem -o app.tar.p7m', 'For openssl cms -decrypt, by certificate'],
    ['imgkit encrypt --layers app:1 oci:enc:1 -r pub.pem', 'Layers that skopeo and containerd can open'],
  ],
  async run(args, context) {
    keepMemorySmall();
    const { format } = args;
    if (args.layers === true) {
      if (format === 'age' || format === 'cms') throw new ImgkitError('usage', `--format ${format} is for files; the layers of an image are encrypted as skopeo does it.`);
      if (args['recipients-file'] !== undefined) throw new ImgkitError('usage', '--recipients-file lists age recipients; with --layers name each PEM file with -r.');
      const { decryption: identities, ...options } = toLayerOptions({ ...args, format }, context);
      const result = await encryptLayers({ ...options, recipients: args.recipient ?? [], identities });
      printMove(result, args, context, { verb: 'encrypted', dataOnStdout: isStream(options.to) });
      return EXIT.done;
    }
    if (format !== undefined && format !== 'age' && format !== 'cms') throw new ImgkitError('usage', `--format ${format} is for --layers; a file is encrypted as age or cms.`);
    if (args.identity !== undefined) throw new ImgkitError('usage', 'A file is encrypted for recipients (-r); an identity is what opens it.');
    const result = await encryptFile({
      output: toOutput({ ...args, format: undefined }, context),
      format,
      input: readable(args.input, context),
      recipients: args.recipient,
      recipientsFiles: args['recipients-file'],
      passphraseFile: args['passphrase-file'],
      signal: context.signal,
      onProgress: context.onProgress,
    });
    printEncrypted(result, args, context);
    return EXIT.done;
  },
});
