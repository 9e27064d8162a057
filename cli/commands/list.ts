import { list as listImages, listFolder } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { outputOptions } from '../options/output.js';
import { commonOptions, locationOptions } from '../options/source.js';
import { readable } from '../options/stream.js';
import { print } from '../print.js';
import { escape } from '../render/escape.js';
import { listLegend, renderList, renderListQuiet } from '../render/list.js';

/** A URL that ends with `/`, or names a host alone. */
const FOLDER = /^(?:(?!docker:)[a-z]+:\/\/.*\/|(?:sftp|ftps?|ftpes|https?):\/\/[^/?#]+)$/i;

export const list = defineCommand({
  name: 'list',
  takes: '[location]',
  summary: 'List the images of an archive or of the store, or a remote folder',
  positionals: { location: { type: 'string', value: 'LOCATION', describe: 'What to look into (default: the store)' } },
  options: {
    'no-trunc': { type: 'boolean', group: 'Output:', describe: 'Print digests in full' },
    ...locationOptions,
    ...outputOptions,
  },
  examples: [
    ['imgkit list app.tar --json', 'What an archive holds, as data; without a name, the local store'],
    ['imgkit list sftp://drop.example/pub/', 'What a folder at a host holds'],
  ],
  async run(args, context) {
    const location = args.location === undefined ? undefined : readable(args.location, context);
    if (location !== undefined && FOLDER.test(location)) {
      const { renderFolder } = await import('../render/list-folder.js');
      const folder = await listFolder({ ...commonOptions(args, context), url: location });
      print(folder, args, context, { text: (width) => renderFolder(folder, width), quiet: () => folder.files.map(({ name }) => escape(name)) });
      return EXIT.done;
    }
    const result = await listImages({ ...commonOptions(args, context), location });
    print(result, args, context, {
      text: (width) => renderList(result, { width, full: args['no-trunc'] === true }),
      quiet: () => renderListQuiet(result),
      notes: result.notes,
      aside: listLegend(result),
    });
    return EXIT.done;
  },
});
