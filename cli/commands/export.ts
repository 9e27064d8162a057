import { exportImage } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { outputOptions } from '../options/output.js';
import { commonOptions, platformOption, locationOptions } from '../options/source.js';
import { readable, writable } from '../options/stream.js';
import { print } from '../print.js';
import { escape } from '../render/escape.js';
import { bytes, count } from '../render/units.js';

export const exportCommand = defineCommand({
  name: 'export',
  takes: '<location>',
  summary: 'Write the files of an image as one tar, as docker export does',
  positionals: { location: { type: 'string', demandOption: true, value: 'LOCATION', describe: 'The image' } },
  options: {
    output: { type: 'string', alias: 'o', requiresArg: true, demandOption: true, group: 'Writing:', value: 'FILE', describe: 'Tar to write, - for stdout; .gz and .zst compress' },
    order: { type: 'string', group: 'Writing:', requiresArg: true, choices: ['layers', 'path'] as const, value: 'ORDER', describe: 'path: the same bytes however it is layered (layers, faster)' },
    ...platformOption,
    ...locationOptions,
    ...outputOptions,
  },
  examples: [
    ['imgkit export app.tar -o rootfs.tar', 'What a container of it would see'],
    ['imgkit export app:1.9.6 -o - | tar tv', 'Look through it with another tool'],
  ],
  async run(args, context) {
    const { platform, order } = args;
    const output = writable(args.output, context);
    const result = await exportImage({ ...commonOptions(args, context), location: readable(args.location, context), output, platform, order });
    print(result, args, context, {
      text: () => [],
      quiet: () => [],
      to: output === '-' ? 'stderr' : 'stdout',
      aside: [`wrote ${count(result.entries, 'entry', 'entries')}, ${bytes(result.bytes)}, to ${output === '-' ? 'stdout' : escape(output)}`],
    });
    return EXIT.done;
  },
});
