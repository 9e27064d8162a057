import { ImgkitError, keygen as makeKey, type KeygenOptions, type KeyType } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { outputOptions } from '../options/output.js';
import { environmentPassphrase } from '../options/environment-passphrase.js';
import { passphraseOption } from '../options/passphrase.js';
import { print } from '../print.js';
import { escape } from '../render/escape.js';
import { renderKey } from '../render/keygen.js';

const group = 'Key:';
const certificate = 'Certificate (x509):';

export const keygen = defineCommand({
  name: 'keygen',
  takes: '',
  summary: 'Make a key to sign or to encrypt with',
  positionals: {},
  options: {
    type: { type: 'string', group, requiresArg: true, demandOption: true, choices: ['ssh', 'x509', 'cosign', 'minisign', 'age'] as const satisfies readonly KeyType[], value: 'TYPE', describe: 'What to make' },
    output: { type: 'string', alias: 'o', group, requiresArg: true, demandOption: true, value: 'DIR', describe: 'Folder for the files' },
    name: { type: 'string', group, requiresArg: true, value: 'NAME', describe: 'Name of the files (the type)' },
    comment: { type: 'string', group, requiresArg: true, value: 'TEXT', describe: 'Whose key it is, for people' },
    ...passphraseOption,
    subject: { type: 'string', group: certificate, requiresArg: true, value: 'NAME', describe: 'Like "CN=Release, O=Acme" (the comment or name)' },
    days: { type: 'string', group: certificate, requiresArg: true, value: 'NUMBER', describe: 'How long it is valid (a CA 3650, else 825)' },
    email: { type: 'string', array: true, group: certificate, requiresArg: true, value: 'ADDRESS', describe: 'Address that it is for' },
    'new-ca': { type: 'boolean', group: certificate, conflicts: 'ca', describe: 'Make a CA, which issues certificates' },
    ca: { type: 'string', group: certificate, requiresArg: true, implies: 'ca-key', value: 'FILE', describe: 'Certificate of the CA that issues it (itself)' },
    'ca-key': { type: 'string', group: certificate, requiresArg: true, implies: 'ca', value: 'FILE', describe: 'Private key of that CA' },
    'ca-passphrase-file': { type: 'string', group: certificate, requiresArg: true, implies: 'ca', value: 'FILE', describe: 'File with the passphrase of that key' },
    ...outputOptions,
  },
  examples: [
    ['imgkit keygen --type ssh --comment release@example.org -o keys', 'keys/ssh and keys/ssh.pub, as ssh-keygen makes them'],
    ['imgkit keygen --type x509 --new-ca --name ca --passphrase-file pw -o keys', 'keys/ca.key and keys/ca.crt'],
  ],
  async run(args, context) {
    const { type, output: folder, name, comment, subject, email: emails } = args;
    const ca: KeygenOptions['ca'] = args['new-ca'] === true ? 'new' : args.ca === undefined ? undefined : { certificate: args.ca, key: args['ca-key'] as string, passphraseFile: args['ca-passphrase-file'] };
    const result = await makeKey({
      type, folder, name, comment, subject, days: toDays(args.days), emails, ca,
      passphraseFile: args['passphrase-file'], passphrase: environmentPassphrase(), signal: context.signal,
    });
    print(result, args, context, {
      text: () => renderKey(result),
      quiet: () => result.files.map(({ path }) => path),
      aside: result.notes.map((note) => `note: ${escape(note)}`),
    });
    return EXIT.done;
  },
});

function toDays(text: string | undefined): number | undefined {
  if (text === undefined || /^[1-9]\d{0,4}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new ImgkitError('usage', `--days: "${text}" is not a number of days such as 365.`);
}
