import { list as listImages } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { outputOptions } from '../options/output.js';
import { commonOptions, storeOption } from '../options/source.js';
import { readable } from '../options/stream.js';
import { print } from '../print.js';
import { listLegend, renderList } from '../render/list.js';
import { renderPinned } from '../render/names.js';

export const list = defineCommand({
  name: 'list',
  takes: '[location]',
  summary: 'List the images of an archive or of the store',
  positionals: { location: { type: 'string', describe: 'What to look into (default: the store)' } },
  options: {
    'no-trunc': { type: 'boolean', group: 'Output:', describe: 'Print digests in full' },
    ...storeOption,
    ...outputOptions,
  },
  examples: [
    ['imgkit list', 'What the local store holds'],
    ['imgkit list app.tar --json', 'What an archive holds, as data'],
  ],
  async run(args, context) {
    const location = args.location === undefined ? undefined : readable(args.location, context);
    const result = await listImages({ ...commonOptions(args, context), location });
    print(result, args, context, {
      text: (width) => renderList(result, { width, full: args['no-trunc'] === true }),
      quiet: () => result.images.flatMap((image) => renderPinned(image.names, image.digest)),
      notes: result.notes,
      aside: listLegend(result),
    });
    return EXIT.done;
  },
});
