import { ImgkitError, sign as signFiles } from '../../src/index.js';
import { isImage, signImages } from '../sign-images.js';
import { signWithGpg } from '../sign-with-gpg.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { networkOptions } from '../options/network.js';
import { outputOptions } from '../options/output.js';
import { askPassphrase, passphraseOption } from '../options/passphrase.js';
import { storeOption } from '../options/source.js';
import { parseTime } from '../options/time.js';
import { print } from '../print.js';
import { renderSigned, renderSignedSummary } from '../render/sign.js';

const group = 'Key:';

export const sign = defineCommand({
  name: 'sign',
  takes: '<file..>',
  summary: 'Sign files, or images in the store, an OCI layout or a registry',
  positionals: { file: { type: 'string', array: true, demandOption: true, value: 'FILE|LOCATION', describe: 'Files of any kind; or images: store:NAME, oci:DIR[:REF], docker://NAME (with gpg, any location)' } },
  options: {
    key: { type: 'string', alias: 'k', group, requiresArg: true, demandOption: true, value: 'FILE', describe: 'Private key: SSH, minisign, cosign, PEM or GPG; .pub of an SSH key in the agent; gpg:FINGERPRINT' },
    format: { type: 'string', group, requiresArg: true, choices: ['cms', 'ssh', 'minisign', 'cosign', 'gpg'] as const, value: 'FORMAT', describe: 'Kind of signature (by the key; cms with --cert); gpg is for images' },
    cert: { type: 'string', group, requiresArg: true, value: 'FILE', describe: 'Certificate of the key, for CMS' },
    chain: { type: 'string', array: true, group, requiresArg: true, value: 'FILE', describe: 'Certificates between that and the root' },
    ...passphraseOption,
    reference: { type: 'string', group: 'Image:', requiresArg: true, value: 'NAME', describe: 'Name that the image is signed for (the one that it has)' },
    lookaside: { type: 'string', group: 'Image:', requiresArg: true, value: 'DIR', describe: 'GPG: folder for the signatures, as registries.d names it' },
    output: { type: 'string', alias: 'o', group: 'Image:', requiresArg: true, value: 'FILE', describe: 'GPG: file for the signature, as skopeo standalone-sign' },
    ...storeOption,
    ...networkOptions,
    statement: { type: 'string', group: 'Writing:', requiresArg: true, value: 'FILE', describe: 'One list for all files (FILE.sha256 for each)' },
    at: { type: 'string', group: 'Writing:', requiresArg: true, value: 'TIME', describe: 'Time that the signature claims (now)' },
    ...outputOptions,
  },
  examples: [
    ['imgkit sign app.tar --key ~/.ssh/release', 'Writes app.tar.sha256 and app.tar.sha256.sig'],
    ['imgkit sign app.tar --key release.key --cert release.crt', 'app.tar.sha256.p7s, for openssl cms -verify'],
    ['imgkit sign store:app:1.9.6 --key cosign.key', 'The image itself, as cosign does; the signature travels with it'],
    ['imgkit sign docker://registry.example/app:1 --format gpg --key release.asc --lookaside sigs', 'As skopeo and podman ask for in policy.json'],
  ],
  async run(args, context) {
    const { file: files, key, format, chain, statement } = args;
    if (format === 'gpg') return signWithGpg(args, context);
    const alone = args.lookaside !== undefined ? 'lookaside' : args.output !== undefined ? 'output' : undefined;
    if (alone !== undefined) throw new ImgkitError('usage', `--${alone} is for --format gpg: other signatures lie beside the file, or with the image.`);
    if (files.some(isImage)) return signImages(args, context);
    if (args.reference !== undefined) throw new ImgkitError('usage', '--reference is the name that an image is signed for, and these are files; sign the image itself (store:NAME, oci:DIR, docker://NAME), or leave it out.');
    const at = parseTime(args.at, 'at');
    const { signal, onProgress } = context;
    const passphrase = (): Promise<string | undefined> => askPassphrase(context);
    const result = await signFiles({ files, key, format, certificate: args.cert, chain, passphraseFile: args['passphrase-file'], passphrase, statement, at, signal, onProgress });
    print(result, args, context, {
      text: () => renderSigned(result),
      quiet: () => result.signed.map(({ signature }) => signature),
      aside: [renderSignedSummary(result)],
    });
    return EXIT.done;
  },
});
