import { ImgkitError, report as writeReport } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { outputOptions } from '../options/output.js';
import { commonOptions, locationOptions, platformOption } from '../options/source.js';
import { readable, writable } from '../options/stream.js';
import { toSignatureCheck, trustOptions } from '../options/trust.js';
import { print } from '../print.js';
import { escape } from '../render/escape.js';
import { bytes, count } from '../render/units.js';

export const report = defineCommand({
  name: 'report',
  takes: '<location>',
  summary: 'Write a page about an image: layers, files, waste, changes, checks',
  positionals: { location: { type: 'string', demandOption: true, value: 'LOCATION', describe: 'The image' } },
  options: {
    output: { type: 'string', alias: 'o', requiresArg: true, demandOption: true, group: 'Report:', value: 'FILE', describe: 'HTML page to write, - for stdout' },
    compare: { type: 'string', group: 'Report:', requiresArg: true, value: 'LOCATION', describe: 'Also show what changed since this image' },
    files: { type: 'string', group: 'Report:', requiresArg: true, value: 'COUNT', describe: 'Files to name one by one, the largest (20000)' },
    'signed-by': { type: 'string', group: 'Trust:', requiresArg: true, value: 'NAME', describe: 'Who must have signed: principal, e-mail or name (anyone trusted)' },
    ...platformOption,
    ...locationOptions,
    ...trustOptions,
    ...outputOptions,
  },
  examples: [
    ['imgkit report app.tar -o app.html', 'One page, to open in any browser'],
    ['imgkit report app-2.tar --compare app-1.tar -o news.html', 'And what changed since app-1.tar'],
  ],
  async run(args, context) {
    const output = writable(args.output, context);
    const signed = toSignatureCheck(args, args['signed-by']);
    if (signed === undefined && args['signed-by'] !== undefined) throw new ImgkitError('usage', '--signed-by needs somebody to trust: --trust, --key, --cert or --allowed-signers.');
    const result = await writeReport({
      ...commonOptions(args, context), output, platform: args.platform,
      location: readable(args.location, context),
      compare: args.compare === undefined ? undefined : readable(args.compare, context),
      signed,
      files: parseCount(args.files),
    });
    const failed = result.findings.filter(({ status }) => status === 'failed');
    print(result, args, context, {
      text: () => [],
      quiet: () => [],
      to: output === '-' ? 'stderr' : 'stdout',
      aside: [
        ...failed.map(({ subject, message }) => `failed: ${escape(subject)}: ${escape(message)}`),
        `wrote ${bytes(result.bytes)} to ${output === '-' ? 'stdout' : escape(output)}${result.ok ? '' : `; ${count(failed.length, 'check')} failed`}`,
      ],
    });
    return result.ok ? EXIT.done : EXIT.input;
  },
});

function parseCount(text: string | undefined): number | undefined {
  if (text === undefined || /^[1-9]\d{0,6}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new ImgkitError('usage', `--files: "${text}" is not a number from 1 to 20000.`);
}
