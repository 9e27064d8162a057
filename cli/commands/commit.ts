import { commit as commitRootfs } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { changeOption, makeOptions, toMakeOptions } from '../options/make.js';
import { outputOptions } from '../options/output.js';
import { rootfsOptions } from '../options/rootfs.js';
import { readable } from '../options/stream.js';
import { printMade } from '../render/make.js';

const text = { type: 'string', group: 'Image:', requiresArg: true } as const;

export const commit = defineCommand({
  name: 'commit',
  takes: '<name>',
  summary: 'Make a layer of what differs between an image and a folder',
  positionals: {
    name: { type: 'string', demandOption: true, value: 'LOCATION', describe: 'What the new image is called, or where it goes' },
  },
  options: {
    base: { ...text, demandOption: true, value: 'LOCATION', describe: 'The image that the files started as' },
    rootfs: { type: 'string', demandOption: true, group: 'Files:', requiresArg: true, value: 'FILE|DIR', describe: 'All files as they are now: a folder, a tar, its URL, or - for stdin' },
    ...rootfsOptions,
    author: { ...text, alias: 'a', value: 'TEXT', describe: 'Author of the image' },
    message: { ...text, alias: 'm', value: 'TEXT', describe: 'Comment in the history' },
    created: { ...text, value: 'TIME', describe: 'Time of the image: RFC 3339, or seconds since 1970' },
    ...changeOption,
    ...makeOptions,
    ...outputOptions,
  },
  examples: [
    ['imgkit commit --base app:1 --rootfs rootfs/ --owner 0:0 app:2', 'What changed in an extracted folder'],
    ['docker export c | imgkit commit --base app.tar --rootfs - out.tar#app:2', 'From a container, into an archive'],
  ],
  async run(args, context) {
    const result = await commitRootfs({
      ...toMakeOptions(args, context),
      base: readable(args.base, context),
      rootfs: readable(args.rootfs, context),
      owner: args.owner,
      exclude: args.exclude,
      author: args.author,
      message: args.message,
      created: args.created,
      changes: args.change,
    });
    printMade(result, args, context);
    return EXIT.done;
  },
});
