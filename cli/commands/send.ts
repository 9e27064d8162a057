import { ImgkitError, send as sendFiles } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { hostOptions, toNetworkOptions } from '../options/network.js';
import { outputOptions } from '../options/output.js';
import { retryOption, toRetries, verifyOption } from '../options/ship.js';
import { signingOptions, toSigning } from '../options/signing.js';
import { print } from '../print.js';
import { deliveryExit, renderDeliveries, renderDeliveriesQuiet, renderFailures } from '../render/deliveries.js';

export const send = defineCommand({
  name: 'send',
  takes: '<file..>',
  summary: 'Send files to hosts: FILE... URL...; resumed and verified',
  positionals: { file: { type: 'string', array: true, demandOption: true, value: 'FILE', describe: 'Local files, then URLs (sftp, ftp, ftps, http, https, file); one that ends with / is a folder' } },
  options: {
    force: { type: 'boolean', group: 'Sending:', describe: 'Replace files of the same names' },
    ...verifyOption,
    ...retryOption,
    ...hostOptions,
    ...signingOptions,
    ...outputOptions,
  },
  examples: [
    ['imgkit send app.tar sftp://release@drop.example/pub/', 'Under a temporary name, verified, renamed; app.tar.sha256 comes last'],
    ['imgkit send app.tar ftps://drop/pub/ sftp://b/pub/ https://dav/pub/', 'To three hosts at once; run it again to resume'],
  ],
  async run(args, context) {
    const isUrl = (word: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(word);
    const [files, to] = [args.file.filter((word) => !isUrl(word)), args.file.filter(isUrl)];
    if (files.includes('-')) throw new ImgkitError('usage', 'send needs a file, which it may have to read twice; imgkit copy - URL sends an archive from standard input.');
    const { signal, onProgress } = context;
    const result = await sendFiles({ files, to, force: args.force, verify: args.verify, retries: toRetries(args.retries), network: toNetworkOptions(args, context), signing: toSigning(args, context), signal, onProgress });
    print(result, args, context, { text: () => renderDeliveries(result), quiet: () => renderDeliveriesQuiet(result) });
    if (args.quiet === true && args.json !== true && !result.ok) context.stderr.write(`${renderFailures(result).join('\n')}\n`);
    return deliveryExit(result);
  },
});
