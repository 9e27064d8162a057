import { ImgkitError, tag as addTag, tagSemver } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { outputOptions } from '../options/output.js';
import { commonOptions, storeOption } from '../options/source.js';
import { print } from '../print.js';
import { renderTags, renderTagsQuiet } from '../render/store.js';

export const tag = defineCommand({
  name: 'tag',
  takes: '[from] [to]',
  summary: 'Give an image of the store another name',
  positionals: {
    from: { type: 'string', value: 'IMAGE', describe: 'An image of the store' },
    to: { type: 'string', value: 'IMAGE', describe: 'Its new name' },
  },
  options: {
    semver: { type: 'string', group: 'Tags:', requiresArg: true, value: 'IMAGE', describe: 'For NAME:1.9.6, add NAME:1.9 and NAME:1' },
    latest: { type: 'boolean', group: 'Tags:', implies: 'semver', describe: 'With --semver: add NAME:latest too' },
    force: { type: 'boolean', group: 'Tags:', describe: 'Let a tag move to another digest' },
    ...storeOption,
    ...outputOptions,
  },
  examples: [
    ['imgkit tag app:1.9.6 app:stable', 'One more name'],
    ['imgkit tag --semver app:1.9.6 --latest', 'Adds app:1.9, app:1 and app:latest'],
  ],
  async run(args, context) {
    const options = { ...commonOptions(args, context), force: args.force };
    const { from, to, semver } = args;
    let result;
    if (semver !== undefined) {
      if (from !== undefined) throw new ImgkitError('usage', `--semver names the image itself: leave out "${from}".`);
      result = await tagSemver({ ...options, reference: semver, latest: args.latest });
    } else {
      if (from === undefined || to === undefined) throw new ImgkitError('usage', 'Two names are needed: imgkit tag FROM TO, or imgkit tag --semver NAME:VERSION. See: imgkit tag --help');
      result = await addTag({ ...options, from, to });
    }
    print(result, args, context, { text: () => renderTags(result), quiet: () => renderTagsQuiet(result) });
    return EXIT.done;
  },
});
