import { remove } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { outputOptions } from '../options/output.js';
import { commonOptions, storeOption } from '../options/source.js';
import { print } from '../print.js';
import { renderRemoved } from '../render/store.js';

export const rm = defineCommand({
  name: 'rm',
  takes: '<reference..>',
  summary: 'Remove names from the store; gc frees the space',
  positionals: { reference: { type: 'string', array: true, demandOption: true, value: 'IMAGE', describe: 'Names or digests in the store' } },
  options: { ...storeOption, ...outputOptions },
  examples: [
    ['imgkit rm app:1.9.5', 'One name'],
    ['imgkit rm app:1.9.5 other:2 && imgkit gc', 'Several, then free their space'],
  ],
  async run(args, context) {
    const result = await remove({ ...commonOptions(args, context), references: args.reference });
    print(result, args, context, { text: () => renderRemoved(result), quiet: () => [] });
    return EXIT.done;
  },
});
