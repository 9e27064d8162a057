import { gc as collect } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { outputOptions } from '../options/output.js';
import { commonOptions, storeOption } from '../options/source.js';
import { print } from '../print.js';
import { renderGc } from '../render/store.js';

export const gc = defineCommand({
  name: 'gc',
  takes: '',
  summary: 'Free what no image of the store needs',
  positionals: {},
  options: {
    'dry-run': { type: 'boolean', group: 'Source:', describe: 'Only say what would be freed' },
    ...storeOption,
    ...outputOptions,
  },
  examples: [
    ['imgkit gc --dry-run', 'How much could be freed'],
    ['imgkit gc', 'Free it'],
  ],
  async run(args, context) {
    const result = await collect({ ...commonOptions(args, context), dryRun: args['dry-run'] });
    print(result, args, context, { text: () => renderGc(result), quiet: () => [] });
    return EXIT.done;
  },
});
