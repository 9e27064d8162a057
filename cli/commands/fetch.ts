import { fetch as fetchFile, ImgkitError } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { remoteTrustOptions, toAdmission } from '../options/admission.js';
import { hostOptions, toNetworkOptions } from '../options/network.js';
import { outputOptions } from '../options/output.js';
import { retryOption, toRetries } from '../options/ship.js';
import { print } from '../print.js';
import { renderFetch } from '../render/fetch.js';
import { escape } from '../render/escape.js';

const group = 'Receiving:';

export const fetch = defineCommand({
  name: 'fetch',
  takes: '<url>',
  summary: 'Bring a file from a host; resumed and verified',
  positionals: { url: { type: 'string', demandOption: true, value: 'URL', describe: 'sftp://, ftp://, ftps://, http://, https:// or file:///' } },
  options: {
    output: { type: 'string', alias: 'o', group, requiresArg: true, value: 'FILE|DIR', describe: 'Folder, or name of the file (the present folder)' },
    expect: { type: 'string', group, requiresArg: true, value: 'DIGEST', describe: 'Digest that it must have (else NAME.sha256 beside it says)' },
    'insecure-accept-unchecked': { type: 'boolean', group, describe: 'Take a file that nothing says the digest of' },
    force: { type: 'boolean', group, describe: 'Replace a file of the same name' },
    ...remoteTrustOptions,
    ...retryOption,
    ...hostOptions,
    ...outputOptions,
  },
  examples: [
    ['imgkit fetch sftp://drop.example/pub/app.tar', 'Into this folder, with its checksum and signatures'],
    ['imgkit fetch https://host/app.tar -o in/ --expect sha256:4f53...', 'And it is the one that was meant; run it again to resume'],
  ],
  async run(args, context) {
    const { signal, onProgress } = context;
    if (args.output === '-') throw new ImgkitError('usage', 'fetch needs a file, with which it goes on after a cut; imgkit copy URL - writes an archive to standard output, and -o ./- names a file so.');
    const result = await fetchFile({
      url: args.url, output: args.output, expect: args.expect, acceptUnchecked: args['insecure-accept-unchecked'], force: args.force,
      retries: toRetries(args.retries), trust: toAdmission(args), network: toNetworkOptions(args, context), signal, onProgress,
    });
    print(result, args, context, { text: () => renderFetch(result), quiet: () => [escape(result.path)] });
    return EXIT.done;
  },
});
