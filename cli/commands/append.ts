import { append as appendLayers } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { makeOptions, toMakeOptions } from '../options/make.js';
import { outputOptions } from '../options/output.js';
import { rootfsOptions } from '../options/rootfs.js';
import { readable } from '../options/stream.js';
import { printMade } from '../render/make.js';

export const append = defineCommand({
  name: 'append',
  takes: '<image> <name>',
  summary: 'Put layers from tars or folders on top of an image',
  positionals: {
    image: { type: 'string', demandOption: true, value: 'LOCATION', describe: 'The image to start from' },
    name: { type: 'string', demandOption: true, value: 'LOCATION', describe: 'What the new image is called, or where it goes' },
  },
  options: {
    layer: { type: 'string', array: true, alias: 'f', demandOption: true, group: 'Files:', requiresArg: true, value: 'FILE|DIR', describe: 'A tar (kept as it is; gzip, zstd), its URL, or a folder; may be repeated' },
    ...rootfsOptions,
    ...makeOptions,
    ...outputOptions,
  },
  examples: [
    ['imgkit append app:1 app:1-conf --layer conf/ --owner 0:0', 'One folder on top'],
    ['imgkit append base.tar app.tar#app:2 --layer a.tar.gz --layer b.tar', 'Two layers, into an archive'],
  ],
  async run(args, context) {
    const layers = args.layer.map((layer) => readable(layer, context));
    const result = await appendLayers({ ...toMakeOptions(args, context), location: readable(args.image, context), layers, owner: args.owner, exclude: args.exclude });
    printMade(result, args, context);
    return EXIT.done;
  },
});
