import { existsSync } from 'node:fs';
import { ImgkitError, isImgkitError, verify as verifyTarget } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { admissionOptions } from '../options/admission.js';
import { outputOptions } from '../options/output.js';
import { commonOptions, locationOptions } from '../options/source.js';
import { readable } from '../options/stream.js';
import { toSignatureCheck, trustOptions } from '../options/trust.js';
import { print } from '../print.js';
import { renderFailures, renderVerify } from '../render/verify.js';

// Here --identity says who must have signed, so it stands beside that, and the file has a name of its own.
const { identity: file, ...location } = locationOptions;

export const verify = defineCommand({
  name: 'verify',
  takes: '<target>',
  summary: 'Check everything in an archive, and who signed it; exit 0, 3 or 4',
  positionals: { target: { type: 'string', demandOption: true, value: 'LOCATION', describe: 'File or location' } },
  options: {
    expect: { type: 'string', group: 'Source:', requiresArg: true, value: 'DIGEST', describe: 'Digest that the file, manifest or config must have' },
    ...location,
    ...trustOptions,
    'signed-by': admissionOptions['signed-by'],
    'signature-only': { type: 'boolean', group: 'Trust:', conflicts: 'expect', describe: 'Look at nothing but signatures: for any file, and for what others can decrypt' },
    identity: { ...file, group: 'Trust:', value: 'NAME', describe: 'With somebody to trust, the same as --signed-by; else as --age-identity' },
    'age-identity': file,
    ...outputOptions,
  },
  examples: [
    ['imgkit verify app.tar', 'One line per check, then a summary'],
    ['imgkit verify app.tar.age --trust trust --signature-only', 'Who signed it, without the key that opens it'],
    ['imgkit verify app.tar --allowed-signers signers --identity release@example.org', 'And it is what they signed'],
  ],
  async run(args, context) {
    const named = args['signed-by'];
    const check = toSignatureCheck(args, named);
    if (check === undefined && named !== undefined) throw new ImgkitError('usage', '--signed-by needs somebody to trust: --trust, --key, --cert or --allowed-signers.');
    const signatureOnly = args['signature-only'];
    if (check === undefined && signatureOnly === true) throw new ImgkitError('usage', '--signature-only needs somebody to trust: --trust, --key, --cert or --allowed-signers.');
    // Beside --signed-by, and where nobody is to be trusted, --identity is what it is for every other command.
    const isSigner = check !== undefined && named === undefined;
    const signed = isSigner ? { ...check, signedBy: signerOf(args.identity) } : check;
    const identity = [...(isSigner ? [] : (args.identity ?? [])), ...(args['age-identity'] ?? [])];
    const common = commonOptions({ ...args, identity: identity.length === 0 ? undefined : identity }, context);
    const report = await verifyTarget({ ...common, target: readable(args.target, context), expect: args.expect, signed, signatureOnly }).catch((error: unknown) => {
      if (!isSigner || !isImgkitError(error, 'decryption-refused')) throw error;
      throw new ImgkitError(error.code, `${error.message} In verify the file is named with --age-identity; who signed it, --signature-only tells without one.`, error.details, { cause: error });
    });
    print(report, args, context, {
      text: (width) => renderVerify(report, { width, style: context.style.stdout }),
      quiet: (width) => renderFailures(report, { width, style: context.style.stdout }),
    });
    if (report.refused === true) return EXIT.refused;
    return report.ok ? EXIT.done : EXIT.input;
  },
});

/** Who must have signed. The path of a file is a slip, and the signature would be refused for the wrong reason. Throws `usage`. */
function signerOf([name, ...more]: readonly string[] = []): string | undefined {
  if (more.length === 0 && !(name?.includes('/') === true && existsSync(name))) return name;
  throw new ImgkitError('usage', '--identity: name the one who must have signed; files that open an .age archive are named with --age-identity.');
}
