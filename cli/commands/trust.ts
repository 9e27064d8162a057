import { ImgkitError, trustAdd, trustCheck, trustList, trustRemove, trustUpdate } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { outputOptions } from '../options/output.js';
import { parseTime } from '../options/time.js';
import { print } from '../print.js';
import { escape } from '../render/escape.js';
import { renderFindings, renderTrust, renderTrustChange, renderTrustUpdate } from '../render/trust.js';

const group = 'Trust:';

/** The action that each of these is for; at another one it would say nothing. */
const ACTION_OF = { identity: 'add', 'as-owner': 'add', revoked: 'add', force: 'add', revocation: 'add', owner: 'update', at: 'check' } as const;

export const trust = defineCommand({
  name: 'trust',
  takes: '<action> <dir> [what..]',
  summary: 'Keep a folder of trusted keys and certificates',
  positionals: {
    action: { type: 'string', demandOption: true, choices: ['add', 'list', 'remove', 'check', 'update'] as const, describe: 'What to do' },
    dir: { type: 'string', demandOption: true, value: 'DIR', describe: 'The trust folder' },
    what: { type: 'string', array: true, value: 'FILE', describe: 'add: files; remove: paths, fingerprints or names; update: the new folder or a tar of it' },
  },
  options: {
    identity: { type: 'string', group, requiresArg: true, value: 'NAME', describe: 'add: whose the SSH keys are, like NAME@DOMAIN' },
    'as-owner': { type: 'boolean', group, describe: 'add: they say who may change this trust' },
    revoked: { type: 'boolean', group, describe: 'add: these SSH keys are not to be believed any more' },
    force: { type: 'boolean', group, describe: 'add: replace what is there under the same name' },
    revocation: { type: 'string', group, requiresArg: true, choices: ['required', 'if-present'] as const, value: 'RULE', describe: 'add: whether every CA needs a current CRL' },
    owner: { type: 'string', array: true, group, requiresArg: true, value: 'FILE', describe: 'update: public key of an owner, for a folder without owners' },
    at: { type: 'string', group, requiresArg: true, value: 'TIME', describe: 'check: time that counts for expiry (now)' },
    ...outputOptions,
  },
  examples: [
    ['imgkit trust add trust ca.crt ca.crl release.pub --identity release@example.org', 'Makes the folder; each file goes where it belongs'],
    ['imgkit trust update trust newer.tar', 'Takes a newer version, if an owner of the present one signed it'],
  ],
  async run(args, context) {
    const { action, dir: folder, what = [], identity, revoked, force, revocation, owner } = args;
    const { signal } = context;
    const alone = Object.entries(ACTION_OF).find(([option, of]) => args[option as keyof typeof ACTION_OF] !== undefined && of !== action);
    if (alone !== undefined) throw new ImgkitError('usage', `--${alone[0]} is for imgkit trust ${alone[1]}. See: imgkit trust --help`);
    if ((action === 'list' || action === 'check') && what.length > 0) throw new ImgkitError('usage', `Unexpected argument "${what[0]}": trust ${action} is about the whole folder. See: imgkit trust --help`);
    switch (action) {
      case 'add': {
        if (what.length === 0 && revocation === undefined) throw new ImgkitError('usage', 'Name the files to add: imgkit trust add DIR FILE... See: imgkit trust --help');
        const result = await trustAdd({ folder, files: what, identity, asOwner: args['as-owner'], revoked, force, revocation, signal });
        print(result, args, context, { text: () => renderTrustChange(result, 'added'), quiet: () => [String(result.version)], aside: result.notes.map((note) => `note: ${escape(note)}`) });
        return EXIT.done;
      }
      case 'remove': {
        if (what.length === 0) throw new ImgkitError('usage', 'Name what to remove: imgkit trust remove DIR ENTRY... (imgkit trust list DIR shows them)');
        const result = await trustRemove({ folder, entries: what, signal });
        print(result, args, context, { text: () => renderTrustChange(result, 'removed'), quiet: () => [String(result.version)], aside: result.notes.map((note) => `note: ${escape(note)}`) });
        return EXIT.done;
      }
      case 'list': {
        const result = await trustList({ folder, signal });
        print(result, args, context, { text: () => renderTrust(result), quiet: () => result.entries.map(({ path }) => path) });
        return EXIT.done;
      }
      case 'check': {
        const result = await trustCheck({ folder, at: parseTime(args.at, 'at'), signal });
        print(result, args, context, { text: () => renderFindings(result), quiet: () => renderFindings(result).slice(0, -1) });
        return result.ok ? EXIT.done : EXIT.no;
      }
      default: {
        const [from, ...more] = what;
        if (from === undefined || more.length > 0) throw new ImgkitError('usage', 'Name the new version: imgkit trust update DIR NEW, a folder or a tar of it.');
        const result = await trustUpdate({ folder, from, owners: owner, signal });
        print(result, args, context, { text: () => renderTrustUpdate(result), quiet: () => [String(result.to)], aside: result.notes.map((note) => `note: ${escape(note)}`) });
        return EXIT.done;
      }
    }
  },
});
