import { rebase as rebaseImage } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { makeOptions, toMakeOptions } from '../options/make.js';
import { outputOptions } from '../options/output.js';
import { readable } from '../options/stream.js';
import { printMade } from '../render/make.js';

const base = { type: 'string', demandOption: true, group: 'Image:', requiresArg: true } as const;

export const rebase = defineCommand({
  name: 'rebase',
  takes: '<image> <name>',
  summary: 'Put an image on another base, without building it anew',
  positionals: {
    image: { type: 'string', demandOption: true, value: 'LOCATION', describe: 'The image to start from' },
    name: { type: 'string', demandOption: true, value: 'LOCATION', describe: 'What the new image is called, or where it goes' },
  },
  options: {
    'old-base': { ...base, value: 'LOCATION', describe: 'The base it was built on' },
    'new-base': { ...base, value: 'LOCATION', describe: 'The base to put in its place' },
    ...makeOptions,
    ...outputOptions,
  },
  examples: [
    ['imgkit rebase app:1 app:1-fixed --old-base base:1.0 --new-base base:1.1', 'A patched base under the same application'],
    ['imgkit rebase app.tar new.tar --old-base old.tar --new-base base:1.1', 'From one archive into another'],
  ],
  async run(args, context) {
    const result = await rebaseImage({
      ...toMakeOptions(args, context),
      location: readable(args.image, context),
      oldBase: readable(args['old-base'], context),
      newBase: readable(args['new-base'], context),
    });
    printMade(result, args, context);
    return EXIT.done;
  },
});
