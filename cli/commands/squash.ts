import { squash as squashLayers } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { makeOptions, toMakeOptions } from '../options/make.js';
import { outputOptions } from '../options/output.js';
import { readable } from '../options/stream.js';
import { printMade } from '../render/make.js';

export const squash = defineCommand({
  name: 'squash',
  takes: '<image> <name>',
  summary: 'Make one layer of the upper layers; the lower ones stay',
  positionals: {
    image: { type: 'string', demandOption: true, value: 'LOCATION', describe: 'The image to start from' },
    name: { type: 'string', demandOption: true, value: 'LOCATION', describe: 'What the new image is called, or where it goes' },
  },
  options: {
    from: { type: 'string', demandOption: true, group: 'Image:', requiresArg: true, value: 'LAYER', describe: 'The lowest layer to take: its number (1 is the base), digest or diffID' },
    ...makeOptions,
    ...outputOptions,
  },
  examples: [
    ['imgkit squash app:1 app:1-small --from 3', 'Layers 1 and 2 stay as they are'],
    ['imgkit squash app.tar out.tar --from 2', 'Everything above the base'],
  ],
  async run(args, context) {
    const result = await squashLayers({ ...toMakeOptions(args, context), location: readable(args.image, context), from: args.from });
    printMade(result, args, context);
    return EXIT.done;
  },
});
