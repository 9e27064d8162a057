import { load as loadImages } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { admissionOptions, toAdmission } from '../options/admission.js';
import { outputOptions } from '../options/output.js';
import { isStream, readable, writable } from '../options/stream.js';
import { toWriteOptions, writeOptions } from '../options/write.js';
import { printMove } from '../render/move.js';

export const load = defineCommand({
  name: 'load',
  takes: '[file]',
  summary: 'Verify an archive, then put its images into the store',
  positionals: { file: { type: 'string', default: '-', value: 'LOCATION', describe: 'The archive; - is stdin' } },
  options: {
    into: { type: 'string', group: 'Writing:', requiresArg: true, value: 'LOCATION', describe: 'Put them there instead: docker-daemon:, oci:DIR' },
    ...writeOptions,
    ...admissionOptions,
    ...outputOptions,
  },
  examples: [
    ['imgkit load app.tar', 'Into the local store; prints names and digests'],
    ['imgkit load app.tar --trust DIR', 'Only if the trust folder allows it: signatures and policy'],
  ],
  async run(args, context) {
    const { into } = args;
    const result = await loadImages({ ...toWriteOptions(args, context), admission: toAdmission(args), from: readable(args.file, context), into: into === undefined ? undefined : writable(into, context) });
    printMove(result, args, context, { verb: 'loaded', dataOnStdout: into !== undefined && isStream(into) });
    return EXIT.done;
  },
});
