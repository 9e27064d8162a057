import { copy as copyImages } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { admissionOptions, toAdmission } from '../options/admission.js';
import { outputOptions } from '../options/output.js';
import { isStream, readable, writable } from '../options/stream.js';
import { toWriteOptions, writeOptions } from '../options/write.js';
import { printMove } from '../render/move.js';

export const copy = defineCommand({
  name: 'copy',
  takes: '<from> <to>',
  summary: 'Copy images from any location to any other',
  positionals: {
    from: { type: 'string', demandOption: true, value: 'LOCATION', describe: 'Location to read' },
    to: { type: 'string', demandOption: true, value: 'LOCATION', describe: 'Location to write' },
  },
  options: { ...writeOptions, ...admissionOptions, ...outputOptions },
  examples: [
    ['imgkit copy docker-archive:old.tar oci:layout', 'From docker save to an OCI layout'],
    ['imgkit copy app.tar small.tar --compress zstd', 'Compress the layers anew'],
  ],
  async run(args, context) {
    const result = await copyImages({ ...toWriteOptions(args, context), admission: toAdmission(args), from: readable(args.from, context), to: writable(args.to, context) });
    printMove(result, args, context, { verb: 'copied', dataOnStdout: isStream(args.to) });
    return EXIT.done;
  },
});
