import { history as readHistory } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { outputOptions } from '../options/output.js';
import { commonOptions, platformOption, locationOptions } from '../options/source.js';
import { readable } from '../options/stream.js';
import { print } from '../print.js';
import { renderHistory, renderHistoryIds } from '../render/history.js';

export const history = defineCommand({
  name: 'history',
  takes: '<location>',
  summary: 'Show how an image was made, newest step first',
  positionals: { location: { type: 'string', demandOption: true, value: 'LOCATION', describe: 'The image' } },
  options: {
    'no-trunc': { type: 'boolean', group: 'Output:', describe: 'Print commands and digests in full' },
    ...platformOption,
    ...locationOptions,
    ...outputOptions,
  },
  examples: [
    ['imgkit history app.tar', 'Every step that made it'],
    ['imgkit history app:1.9.6 --no-trunc', 'With whole commands'],
  ],
  async run(args, context) {
    const result = await readHistory({ ...commonOptions(args, context), location: readable(args.location, context), platform: args.platform });
    print(result, args, context, {
      text: (width) => renderHistory(result, { width, full: args['no-trunc'] === true }),
      quiet: () => renderHistoryIds(result, { full: args['no-trunc'] === true }),
    });
    return EXIT.done;
  },
});
