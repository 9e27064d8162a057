import { flatten as flattenImage } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { makeOptions, toMakeOptions } from '../options/make.js';
import { outputOptions } from '../options/output.js';
import { readable } from '../options/stream.js';
import { printMade } from '../render/make.js';

export const flatten = defineCommand({
  name: 'flatten',
  takes: '<image> <name>',
  summary: 'Make one layer of all layers; keep config and history',
  positionals: {
    image: { type: 'string', demandOption: true, value: 'LOCATION', describe: 'The image to start from' },
    name: { type: 'string', demandOption: true, value: 'LOCATION', describe: 'What the new image is called, or where it goes' },
  },
  options: { ...makeOptions, ...outputOptions },
  examples: [
    ['imgkit flatten app:1 app:1-flat', 'Without what later layers hide'],
    ['imgkit flatten app.tar flat.tar#app:1 --compress zstd', 'From one archive into another'],
  ],
  async run(args, context) {
    const result = await flattenImage({ ...toMakeOptions(args, context), location: readable(args.image, context) });
    printMade(result, args, context);
    return EXIT.done;
  },
});
