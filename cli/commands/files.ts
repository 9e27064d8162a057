import { files as listFiles, ImgkitError } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { outputOptions } from '../options/output.js';
import { commonOptions, platformOption, locationOptions } from '../options/source.js';
import { readable } from '../options/stream.js';
import { print } from '../print.js';
import { fileLines, longFileLines, pathLines, treeLines } from '../render/files.js';
import { efficiencyLine, renderWaste } from '../render/waste.js';
import { writeLines } from '../write-lines.js';

const group = 'Output:';

export const files = defineCommand({
  name: 'files',
  takes: '<location> [path]',
  summary: 'List the files of an image and the layers they come from',
  positionals: {
    location: { type: 'string', demandOption: true, value: 'LOCATION', describe: 'The image' },
    path: { type: 'string', value: 'PATH', describe: 'At or below this path of the image' },
  },
  options: {
    layer: { type: 'string', requiresArg: true, group: 'Source:', value: 'LAYER', describe: 'Only what this layer holds: 1 is the base; or the start of its digest' },
    tree: { type: 'boolean', group, conflicts: 'long', describe: 'Draw a tree' },
    long: { type: 'boolean', group, describe: 'Mode, owner, size, time and link target' },
    wasted: { type: 'boolean', group, conflicts: ['layer', 'tree', 'long'], describe: 'What later layers shadow, and the efficiency score' },
    ...platformOption,
    ...locationOptions,
    ...outputOptions,
  },
  examples: [
    ['imgkit files app.tar /etc', 'What a container of the image has in /etc'],
    ['imgkit files app:1.9.6 --layer 3 --long', 'What the third layer holds'],
  ],
  async run(args, context) {
    const { path, layer, wasted } = args;
    if (wasted === true && path !== undefined && args.json !== true) throw new ImgkitError('usage', '--wasted is about the whole image; leave out the path. See: imgkit files --help');
    const result = await listFiles({ ...commonOptions(args, context), location: readable(args.location, context), path, layer, wasted, platform: args.platform });
    const { entries, waste } = result;
    if (args.json === true) print({ ...result, entries: [...entries] }, args, context, { text: () => [], quiet: () => [] });
    else if (waste !== undefined) print(result, args, context, { text: () => renderWaste(waste), quiet: () => [], aside: [efficiencyLine(waste)] });
    else {
      const render = args.quiet === true ? pathLines : args.tree === true ? treeLines : args.long === true ? longFileLines : fileLines;
      context.endProgress();
      writeLines(context.stdout, render(entries));
    }
    return EXIT.done;
  },
});
