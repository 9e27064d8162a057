import { ImgkitError, watch as watchFolder } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { admissionOptions, remoteTrustOptions, toAdmission } from '../options/admission.js';
import { identityOptions, toDecryption } from '../options/identities.js';
import { networkOptions, toNetworkOptions } from '../options/network.js';
import { outputOptions } from '../options/output.js';
import { storeOption } from '../options/source.js';
import { isStream } from '../options/stream.js';
import { parseDuration } from '../options/units.js';
import { renderEvent, renderEventJson } from '../render/watch.js';

const group = 'Receiving:';

export const watch = defineCommand({
  name: 'watch',
  takes: '<url>',
  summary: 'Take over what arrives in a folder at a host',
  positionals: { url: { type: 'string', demandOption: true, value: 'URL', describe: 'The folder; ends with /' } },
  options: {
    into: { type: 'string', group, requiresArg: true, value: 'LOCATION', describe: 'Where the images go: docker-daemon:, oci:DIR (the store)' },
    every: { type: 'string', group, requiresArg: true, conflicts: 'once', value: 'TIME', describe: 'Time between two looks (30s)' },
    once: { type: 'boolean', group, describe: 'Look once; for a timer' },
    'require-checksum': { type: 'boolean', group, describe: 'Take only files with a NAME.sha256; else also those that are the same at two looks' },
    force: { type: 'boolean', group, describe: 'Let a tag in the store or a registry move; else the file is refused' },
    'archive-to': { type: 'string', group, requiresArg: true, value: 'DIR', describe: 'Keep accepted files in this folder' },
    quarantine: { type: 'string', group, requiresArg: true, value: 'DIR', describe: 'Keep refused files in this folder, the reason beside them' },
    exec: { type: 'string', group, requiresArg: true, value: 'COMMAND', describe: 'Shell command after each accepted file: $IMGKIT_NAME $IMGKIT_DIGEST $IMGKIT_IMAGES $IMGKIT_FILE, JSON on stdin' },
    'exec-timeout': { type: 'string', group, requiresArg: true, implies: 'exec', value: 'TIME', describe: 'Longest time of that command (1h)' },
    state: { type: 'string', group, requiresArg: true, value: 'FILE', describe: 'File that remembers what was dealt with (beside the store)' },
    'require-signature': { type: 'boolean', group: 'Trust:', describe: 'The file itself must be signed; else signatures of the images in it may do' },
    ...remoteTrustOptions,
    lookaside: admissionOptions.lookaside,
    'insecure-accept-unsigned': admissionOptions['insecure-accept-unsigned'],
    ...identityOptions,
    ...storeOption,
    ...networkOptions,
    ...outputOptions,
  },
  examples: [
    ['imgkit watch sftp://drop.example/pub/ --into docker-daemon: --quarantine /var/lib/imgkit/quarantine', 'Until it is stopped; one line for each file'],
    ['imgkit watch ftps://drop/pub/ --once --require-checksum --json', 'One look, from a timer; JSON lines'],
  ],
  async run(args, context) {
    const { signal, onProgress } = context;
    if (args.into !== undefined && isStream(args.into)) throw new ImgkitError('usage', '--into: standard output has what happens; name the store, an engine, a layout or a registry.');
    const tally = await watchFolder({
      url: args.url, into: args.into, once: args.once, force: args.force, requireChecksum: args['require-checksum'], archiveTo: args['archive-to'], quarantine: args.quarantine, exec: args.exec, stateFile: args.state,
      every: args.every === undefined ? undefined : parseDuration(args.every, '--every'),
      execTimeout: args['exec-timeout'] === undefined ? undefined : parseDuration(args['exec-timeout'], '--exec-timeout'),
      admission: toAdmission(args), requireSignature: args['require-signature'], decryption: toDecryption(args),
      storeFolder: args.store, network: toNetworkOptions(args, context), signal, onProgress,
      onEvent: (event) => {
        context.endProgress();
        if (args.json === true) context.stdout.write(renderEventJson(event));
        else if (args.quiet !== true || event.event === 'accepted' || event.event === 'quarantined') context.stdout.write(`${renderEvent(event).join('\n')}\n`);
      },
    });
    if (args.once !== true) return EXIT.done;
    return tally.failed > 0 ? EXIT.network : tally.quarantined > 0 ? EXIT.input : EXIT.done;
  },
});
