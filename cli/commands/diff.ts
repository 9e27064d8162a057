import { diff as compare, ImgkitError, type DiffPart } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { outputOptions } from '../options/output.js';
import { commonOptions, platformOption, locationOptions } from '../options/source.js';
import { readable } from '../options/stream.js';
import { print } from '../print.js';
import { diffLines, renderDiffSummary } from '../render/diff.js';
import { writeLines } from '../write-lines.js';

const group = 'Compare:';
const PARTS = ['layers', 'files', 'config', 'history'] as const satisfies readonly DiffPart[];

export const diff = defineCommand({
  name: 'diff',
  takes: '<old> [new]',
  summary: 'Show what differs between two images, or what one layer does',
  positionals: {
    old: { type: 'string', demandOption: true, value: 'LOCATION', describe: 'The image to start from' },
    new: { type: 'string', value: 'LOCATION', describe: 'The image to compare it with' },
  },
  options: {
    layer: { type: 'string', requiresArg: true, group, value: 'LAYER', describe: 'Of one image: what this layer does. 1 is the base; or the start of its digest' },
    layers: { type: 'boolean', group, describe: 'Compare layers' },
    files: { type: 'boolean', group, describe: 'Compare files (default, with --config)' },
    config: { type: 'boolean', group, describe: 'Compare settings and labels' },
    history: { type: 'boolean', group, describe: 'Compare how they were made' },
    content: { type: 'boolean', group, describe: 'Of files, only content: no mode, owner or attributes' },
    mtime: { type: 'boolean', group, describe: 'Of files, times too' },
    ...platformOption,
    ...locationOptions,
    ...outputOptions,
  },
  examples: [
    ['imgkit diff app-1.tar app-2.tar', 'Files and settings: A added, C changed, D deleted'],
    ['imgkit diff app.tar --layer 3', 'What the third layer adds, changes and deletes'],
  ],
  async run(args, context) {
    if ((args.new === undefined) === (args.layer === undefined)) throw new ImgkitError('usage', 'Name two images, or one and a --layer. See: imgkit diff --help');
    const parts = PARTS.filter((part) => args[part] === true);
    const result = await compare({
      ...commonOptions(args, context),
      old: readable(args.old, context),
      new: args.new === undefined ? undefined : readable(args.new, context),
      layer: args.layer, platform: args.platform, contentOnly: args.content, mtime: args.mtime,
      parts: parts.length === 0 ? undefined : parts,
    });
    const { files } = result;
    if (args.json !== true && args.quiet !== true) {
      context.endProgress();
      writeLines(context.stdout, diffLines(result));
    }
    print(files === undefined || args.json !== true ? result : { ...result, files: { ...files, changes: [...files.changes] } }, args, context, { text: () => [], quiet: () => [], aside: renderDiffSummary(result) });
    return result.same ? EXIT.done : EXIT.no;
  },
});
