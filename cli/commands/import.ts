import { importImage } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { changeOption, makeOptions, toMakeOptions } from '../options/make.js';
import { outputOptions } from '../options/output.js';
import { rootfsOptions } from '../options/rootfs.js';
import { readable } from '../options/stream.js';
import { printMade } from '../render/make.js';

const text = { type: 'string', group: 'Image:', requiresArg: true } as const;

export const importCommand = defineCommand({
  name: 'import',
  takes: '<rootfs> <name>',
  summary: 'Make an image of one layer from a tar or a folder',
  positionals: {
    rootfs: { type: 'string', demandOption: true, value: 'FILE|DIR', describe: 'A tar (gzip, zstd, xz, bzip2), its URL, a folder, or - for stdin' },
    name: { type: 'string', demandOption: true, value: 'LOCATION', describe: 'What the image is called, or where it goes' },
  },
  options: {
    ...changeOption,
    message: { ...text, alias: 'm', value: 'TEXT', describe: 'Comment in the history' },
    created: { ...text, value: 'TIME', describe: 'Time of the image: RFC 3339, or seconds since 1970 (else SOURCE_DATE_EPOCH or the newest file)' },
    ...rootfsOptions,
    ...makeOptions,
    platform: { ...text, value: 'OS/ARCH', describe: 'Platform of the image: os/arch[/variant] (this machine)' },
    ...outputOptions,
  },
  examples: [
    ['imgkit import rootfs.tar app:1 -c \'ENTRYPOINT ["/hello"]\'', 'As docker import does'],
    ['imgkit import build/ app.tar#app:1 --owner 0:0 --exclude .git', 'From a folder into an archive'],
  ],
  async run(args, context) {
    const result = await importImage({
      ...toMakeOptions(args, context),
      rootfs: readable(args.rootfs, context),
      changes: args.change,
      message: args.message,
      created: args.created,
      owner: args.owner,
      exclude: args.exclude,
    });
    printMade(result, args, context);
    return EXIT.done;
  },
});
