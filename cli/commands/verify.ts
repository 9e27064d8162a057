import { verify as verifyTarget } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { outputOptions } from '../options/output.js';
import { commonOptions, storeOption } from '../options/source.js';
import { readable } from '../options/stream.js';
import { print } from '../print.js';
import { renderFailures, renderVerify } from '../render/verify.js';

export const verify = defineCommand({
  name: 'verify',
  takes: '<target>',
  summary: 'Check everything in an archive; exit 0 or 3',
  positionals: { target: { type: 'string', demandOption: true, describe: 'File or location' } },
  options: {
    expect: { type: 'string', group: 'Source:', requiresArg: true, describe: 'Digest that the file, manifest or config must have' },
    ...storeOption,
    ...outputOptions,
  },
  examples: [
    ['imgkit verify app.tar', 'One line per check, then a summary'],
    ['imgkit verify app.tar --expect sha256:4f53...', 'And it is the one that was meant'],
  ],
  async run(args, context) {
    const report = await verifyTarget({ ...commonOptions(args, context), target: readable(args.target, context), expect: args.expect });
    print(report, args, context, {
      text: (width) => renderVerify(report, { width, style: context.style.stdout }),
      quiet: (width) => renderFailures(report, { width, style: context.style.stdout }),
    });
    return report.ok ? EXIT.done : EXIT.input;
  },
});
