import { inspect as inspectImage, readRaw } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { outputOptions } from '../options/output.js';
import { commonOptions, platformOption, locationOptions } from '../options/source.js';
import { readable } from '../options/stream.js';
import { print } from '../print.js';
import { renderInspect } from '../render/inspect.js';
import { renderPinned } from '../render/names.js';

export const inspect = defineCommand({
  name: 'inspect',
  takes: '<location>',
  summary: 'Show one image closely: config, layers, labels',
  positionals: { location: { type: 'string', demandOption: true, value: 'LOCATION', describe: 'The image' } },
  options: {
    raw: { type: 'boolean', group: 'Output:', conflicts: ['config', 'json'], describe: 'Print the manifest, byte for byte' },
    config: { type: 'boolean', group: 'Output:', conflicts: ['raw', 'json'], describe: 'Print the config, byte for byte' },
    ...platformOption,
    ...locationOptions,
    ...outputOptions,
  },
  examples: [
    ['imgkit inspect app.tar', 'The only image of an archive'],
    ['imgkit inspect app:1.9.6 --raw | sha256sum', 'Its manifest, exactly'],
  ],
  async run(args, context) {
    const options = { ...commonOptions(args, context), location: readable(args.location, context), platform: args.platform };
    if (args.raw === true || args.config === true) {
      const bytes = await readRaw({ ...options, what: args.raw === true ? 'manifest' : 'config' });
      context.endProgress();
      context.stdout.write(bytes);
      return EXIT.done;
    }
    const result = await inspectImage(options);
    print(result, args, context, {
      text: (width) => renderInspect(result, { width }),
      quiet: () => renderPinned(result.names, result.digest),
      notes: result.notes,
    });
    return EXIT.done;
  },
});
