import { ImgkitError, verify as verifyTarget } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { outputOptions } from '../options/output.js';
import { commonOptions, locationOptions } from '../options/source.js';
import { readable } from '../options/stream.js';
import { toSignatureCheck, trustOptions, type TrustArgs } from '../options/trust.js';
import { print } from '../print.js';
import { renderFailures, renderVerify } from '../render/verify.js';

export const verify = defineCommand({
  name: 'verify',
  takes: '<target>',
  summary: 'Check everything in an archive, and who signed it; exit 0, 3 or 4',
  positionals: { target: { type: 'string', demandOption: true, value: 'LOCATION', describe: 'File or location' } },
  options: {
    expect: { type: 'string', group: 'Source:', requiresArg: true, value: 'DIGEST', describe: 'Digest that the file, manifest or config must have' },
    ...locationOptions,
    ...trustOptions,
    identity: { ...locationOptions.identity, describe: 'With trust options: who must have signed. Else as --age-identity' },
    'age-identity': { ...locationOptions.identity, describe: 'File with an age identity or SSH private key that opens an .age archive' },
    ...outputOptions,
  },
  examples: [
    ['imgkit verify app.tar', 'One line per check, then a summary'],
    ['imgkit verify app.tar --allowed-signers signers --identity release@example.org', 'And it is what they signed'],
  ],
  async run(args, context) {
    const check = toSignatureCheck(args, undefined);
    const signed = check && { ...check, signedBy: signerOf(args) };
    const identity = [...(check === undefined ? (args.identity ?? []) : []), ...(args['age-identity'] ?? [])];
    const common = commonOptions({ ...args, identity: identity.length === 0 ? undefined : identity }, context);
    const report = await verifyTarget({ ...common, target: readable(args.target, context), expect: args.expect, signed });
    print(report, args, context, {
      text: (width) => renderVerify(report, { width, style: context.style.stdout }),
      quiet: (width) => renderFailures(report, { width, style: context.style.stdout }),
    });
    if (report.refused === true) return EXIT.refused;
    return report.ok ? EXIT.done : EXIT.input;
  },
});

function signerOf({ identity }: TrustArgs & { readonly identity?: readonly string[] | undefined }): string | undefined {
  if ((identity?.length ?? 0) > 1) throw new ImgkitError('usage', '--identity: name the one who must have signed; files that open an .age archive are named with --age-identity.');
  return identity?.[0];
}
