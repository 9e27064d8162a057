import { digest as readDigests } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { outputOptions } from '../options/output.js';
import { commonOptions, locationOptions } from '../options/source.js';
import { readable } from '../options/stream.js';
import { print } from '../print.js';
import { renderDigests, renderDigestValues } from '../render/digest.js';

export const digest = defineCommand({
  name: 'digest',
  takes: '<target>',
  summary: 'Print the digests of a file and of the images in it',
  positionals: { target: { type: 'string', demandOption: true, value: 'LOCATION', describe: 'File or location' } },
  options: { ...locationOptions, ...outputOptions },
  examples: [
    ['imgkit digest app.tar', 'File, manifests and configs'],
    ['imgkit digest app:1.9.6', 'An image of the store'],
  ],
  async run(args, context) {
    const result = await readDigests({ ...commonOptions(args, context), target: readable(args.target, context) });
    print(result, args, context, { text: () => renderDigests(result), quiet: () => renderDigestValues(result), notes: result.notes });
    return EXIT.done;
  },
});
