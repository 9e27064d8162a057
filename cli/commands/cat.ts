import { cat as readFile } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { outputOptions } from '../options/output.js';
import { commonOptions, platformOption, locationOptions } from '../options/source.js';
import { readable } from '../options/stream.js';
import { renderJson } from '../render/json.js';

export const cat = defineCommand({
  name: 'cat',
  takes: '<location> <path>',
  summary: 'Print one file of an image',
  positionals: {
    location: { type: 'string', demandOption: true, value: 'LOCATION', describe: 'The image' },
    path: { type: 'string', demandOption: true, value: 'PATH', describe: 'Path in the image; links are followed within it' },
  },
  options: { ...platformOption, ...locationOptions, ...outputOptions },
  examples: [
    ['imgkit cat app.tar /etc/os-release', 'Which distribution it is made of'],
    ['imgkit cat app:1.9.6 /app/config.yml > config.yml', 'Take one file out'],
  ],
  async run(args, context) {
    const result = await readFile({ ...commonOptions(args, context), location: readable(args.location, context), path: args.path, platform: args.platform });
    context.endProgress();
    // The file is on stdout.
    if (args.json === true) context.stderr.write(renderJson(result));
    return EXIT.done;
  },
});
