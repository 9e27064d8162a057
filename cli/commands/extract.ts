import { extract as extractFiles, ImgkitError } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { outputOptions } from '../options/output.js';
import { commonOptions, platformOption, locationOptions } from '../options/source.js';
import { readable } from '../options/stream.js';
import { print } from '../print.js';
import { renderExtracted } from '../render/extract.js';

export const extract = defineCommand({
  name: 'extract',
  takes: '<image> [path..]',
  summary: 'Write the files of an image into a new folder, safely',
  positionals: {
    image: { type: 'string', demandOption: true, value: 'LOCATION', describe: 'The image' },
    path: { type: 'string', array: true, value: 'PATH', describe: 'Files and folders to take (everything)' },
  },
  options: {
    to: { type: 'string', demandOption: true, group: 'Writing:', requiresArg: true, value: 'DIR', describe: 'The folder to make; it may be there if it is empty' },
    'preserve-owner': { type: 'boolean', group: 'Writing:', describe: 'As root: keep owners, set-ID bits and all extended attributes, make devices' },
    xattrs: { type: 'boolean', group: 'Writing:', describe: 'Keep the extended attributes of users (user.*)' },
    ...platformOption,
    ...locationOptions,
    ...outputOptions,
  },
  examples: [
    ['imgkit extract app.tar --to rootfs', 'Everything, as files of the one who runs it'],
    ['imgkit extract app:1 /etc /usr/bin/app --to part', 'Some of it; paths stay as they are in the image'],
  ],
  async run(args, context) {
    if (args.to === '-') throw new ImgkitError('usage', '--to makes a folder; a tar of the files on stdout is: imgkit export IMAGE -o -');
    const result = await extractFiles({
      ...commonOptions(args, context),
      location: readable(args.image, context),
      to: args.to,
      paths: args.path ?? [],
      platform: args.platform,
      preserveOwner: args['preserve-owner'],
      xattrs: args.xattrs,
    });
    print(result, args, context, {
      text: () => renderExtracted(result),
      quiet: () => [],
      notes: result.notes.map((message) => ({ check: 'layer-structure', status: 'note', subject: '', message })),
    });
    return EXIT.done;
  },
});
