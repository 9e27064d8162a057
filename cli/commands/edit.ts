import { edit as editImage } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { changeOption, makeOptions, toMakeOptions, toPairs } from '../options/make.js';
import { outputOptions } from '../options/output.js';
import { readable } from '../options/stream.js';
import { printMade } from '../render/make.js';

const group = 'Image:';
const text = { type: 'string', group, requiresArg: true } as const;
const pairs = { ...text, array: true } as const;

export const edit = defineCommand({
  name: 'edit',
  takes: '<image> <name>',
  summary: 'Change config and annotations of an image; its layers stay',
  positionals: {
    image: { type: 'string', demandOption: true, value: 'LOCATION', describe: 'The image to start from' },
    name: { type: 'string', demandOption: true, value: 'LOCATION', describe: 'What the new image is called, or where it goes' },
  },
  options: {
    env: { ...pairs, alias: 'e', value: 'NAME=VALUE', describe: 'Set a variable: NAME=VALUE' },
    label: { ...pairs, alias: 'l', value: 'NAME=VALUE', describe: 'Set a label: NAME=VALUE' },
    entrypoint: { ...text, value: 'COMMAND', describe: 'As in a Dockerfile: ["/app"] or a shell line; clears CMD unless --cmd is given' },
    cmd: { ...text, value: 'COMMAND', describe: 'As in a Dockerfile: ["-v"] or a shell line; [] for none' },
    user: { ...text, alias: 'u', value: 'USER', describe: 'User, or user:group' },
    workdir: { ...text, alias: 'w', value: 'PATH', describe: 'Folder to start in' },
    annotation: { ...pairs, value: 'NAME=VALUE', describe: 'Set an annotation of the manifest: NAME=VALUE' },
    created: { ...text, value: 'TIME', describe: 'Time of the image: RFC 3339, or seconds since 1970' },
    author: { ...text, alias: 'a', value: 'TEXT', describe: 'Author of the image' },
    ...changeOption,
    ...makeOptions,
    ...outputOptions,
  },
  examples: [
    ['imgkit edit app:1 app:1-debug --env LOG=debug --user 1000', 'The same layers, another start'],
    ['imgkit edit app.tar out.tar --label org.example.team=core', 'From one archive into another'],
  ],
  async run(args, context) {
    const result = await editImage({
      ...toMakeOptions(args, context),
      location: readable(args.image, context),
      env: toPairs(args.env, '--env'),
      labels: toPairs(args.label, '--label'),
      annotations: toPairs(args.annotation, '--annotation'),
      entrypoint: args.entrypoint,
      cmd: args.cmd,
      user: args.user,
      workdir: args.workdir,
      created: args.created,
      author: args.author,
      changes: args.change,
    });
    printMade(result, args, context);
    return EXIT.done;
  },
});
