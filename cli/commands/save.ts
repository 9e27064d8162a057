import { save as saveImages } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { outputOptions } from '../options/output.js';
import { signingOptions, toSigning } from '../options/signing.js';
import { isStream, readable, writable } from '../options/stream.js';
import { toWriteOptions, writeOptions } from '../options/write.js';
import { printMove } from '../render/move.js';

export const save = defineCommand({
  name: 'save',
  takes: '<image..>',
  summary: 'Write images into one archive',
  positionals: { image: { type: 'string', array: true, demandOption: true, value: 'LOCATION', describe: 'What to save: images of the store, an engine, a registry, archives' } },
  options: {
    output: { type: 'string', alias: 'o', group: 'Writing:', demandOption: true, requiresArg: true, value: 'FILE', describe: 'The archive to write; - is stdout' },
    ...writeOptions,
    ...signingOptions,
    ...outputOptions,
  },
  examples: [
    ['imgkit save docker-daemon:app:1.9.6 -o app.tar', 'From the engine into one file'],
    ['imgkit save app:1.9.6 -o - | ssh host imgkit load', 'Into a pipe'],
  ],
  async run(args, context) {
    const result = await saveImages({
      ...toWriteOptions(args, context),
      signing: toSigning(args, context),
      images: args.image.map((image) => readable(image, context)),
      output: writable(args.output, context),
    });
    printMove(result, args, context, { verb: 'wrote', dataOnStdout: isStream(args.output) });
    return EXIT.done;
  },
});
