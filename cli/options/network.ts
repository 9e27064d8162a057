import type { CommonOptions } from '../../src/index.js';
import type { OptionTable } from '../command.js';
import type { Context } from '../context.js';
import { escape } from '../render/escape.js';
import { parseCount, parseDuration, parseRate } from './units.js';
import { labelled, widthOf } from '../render/width.js';

const group = 'Network:';

/** What a command takes that reaches files at hosts. None of them carries a secret. */
export const hostOptions = {
  ca: { type: 'string', group, requiresArg: true, value: 'FILE', describe: 'PEM file of authorities to trust besides the system\'s' },
  'client-cert': { type: 'string', group, requiresArg: true, implies: 'client-key', value: 'FILE', describe: 'PEM file of a TLS client certificate' },
  'client-key': { type: 'string', group, requiresArg: true, implies: 'client-cert', value: 'FILE', describe: 'PEM file of its key' },
  'host-key': { type: 'string', group, requiresArg: true, conflicts: 'known-hosts', value: 'FINGERPRINT', describe: 'The SSH host key to accept: SHA256:...' },
  'known-hosts': { type: 'string', group, requiresArg: true, value: 'FILE', describe: 'File of SSH host keys (~/.ssh/known_hosts)' },
  'ssh-key': { type: 'string', group, requiresArg: true, value: 'FILE', describe: 'SSH private key file (the agent, then ~/.ssh)' },
  'key-passphrase-file': { type: 'string', group, requiresArg: true, value: 'FILE', describe: 'File with the passphrase of --ssh-key or --client-key' },
  'password-file': { type: 'string', group, requiresArg: true, value: 'FILE', describe: 'File with the password (else $IMGKIT_PASSWORD, ~/.netrc, a prompt)' },
  'limit-rate': { type: 'string', group, requiresArg: true, value: 'RATE', describe: 'Most bytes a second: 200k, 2M' },
  'connect-timeout': { type: 'string', group, requiresArg: true, value: 'TIME', describe: 'Longest wait for a connection (30s)' },
  'idle-timeout': { type: 'string', group, requiresArg: true, value: 'TIME', describe: 'Longest silence of a server (60s)' },
  timeout: { type: 'string', group, requiresArg: true, value: 'TIME', describe: 'Longest time of one transfer (none)' },
} as const satisfies OptionTable;

/** What a command takes that may reach a host or a registry. */
export const networkOptions = {
  ...hostOptions,
  'insecure-registry': { type: 'string', array: true, group, requiresArg: true, value: 'HOST', describe: 'Registry HOST[:PORT] to speak to without (valid) TLS' },
  mirror: { type: 'string', array: true, group, requiresArg: true, value: 'HOST', describe: 'Registry HOST[:PORT] to pull from first' },
  concurrency: { type: 'string', group, requiresArg: true, value: 'NUMBER', describe: 'Most blobs sent to a registry at once (4)' },
  'trust-realm': { type: 'string', array: true, group, requiresArg: true, value: 'ORIGIN', describe: 'Origin that may also receive a registry\'s credentials' },
} as const satisfies OptionTable;

const { 'host-key': _hostKey, 'known-hosts': _knownHosts, 'ssh-key': _sshKey, 'password-file': _passwordFile, 'limit-rate': _rate, mirror: _mirror, concurrency: _concurrency, ...registry } = networkOptions;

/** What a command takes that asks a registry, and moves nothing. */
export const registryOptions = registry satisfies OptionTable;

/** The values of {@link networkOptions}. */
export interface NetworkArgs {
  readonly ca?: string | undefined;
  readonly 'client-cert'?: string | undefined;
  readonly 'client-key'?: string | undefined;
  readonly 'host-key'?: string | undefined;
  readonly 'known-hosts'?: string | undefined;
  readonly 'ssh-key'?: string | undefined;
  readonly 'key-passphrase-file'?: string | undefined;
  readonly 'password-file'?: string | undefined;
  readonly 'limit-rate'?: string | undefined;
  readonly 'connect-timeout'?: string | undefined;
  readonly 'idle-timeout'?: string | undefined;
  readonly timeout?: string | undefined;
  readonly 'insecure-registry'?: readonly string[] | undefined;
  readonly mirror?: readonly string[] | undefined;
  readonly 'trust-realm'?: readonly string[] | undefined;
  readonly concurrency?: string | undefined;
}

/** The facade's `network` for {@link networkOptions}: warnings go to stderr, once each, and questions to the terminal. Throws `usage`. */
export function toNetworkOptions(args: NetworkArgs, context: Context): NonNullable<CommonOptions['network']> {
  const time = (option: 'connect-timeout' | 'idle-timeout' | 'timeout'): number | undefined => {
    const text = args[option];
    return text === undefined ? undefined : parseDuration(text, `--${option}`);
  };
  const rate = args['limit-rate'];
  const warned = new Set<string>();
  return {
    ca: args.ca,
    clientCert: args['client-cert'],
    clientKey: args['client-key'],
    hostKey: args['host-key'],
    knownHosts: args['known-hosts'],
    sshKey: args['ssh-key'],
    keyPassphraseFile: args['key-passphrase-file'],
    passwordFile: args['password-file'],
    limitRate: rate === undefined ? undefined : parseRate(rate, '--limit-rate'),
    connectTimeout: time('connect-timeout'),
    idleTimeout: time('idle-timeout'),
    totalTimeout: time('timeout'),
    insecureRegistries: args['insecure-registry'],
    mirrors: args.mirror,
    trustedRealms: args['trust-realm'],
    concurrency: args.concurrency === undefined ? undefined : parseCount(args.concurrency, '--concurrency'),
    // Nobody sits before a terminal that stderr does not go to.
    askPassword: context.stderr.isTTY === true ? askOnce(context) : undefined,
    onWarning: (sentence) => {
      if (warned.has(sentence)) return;
      warned.add(sentence);
      context.conversation.say(`${labelled('warning:', context.style.stderr.note('warning:'), escape(sentence), widthOf(context.stderr))}\n`);
    },
  };
}

/** Asks a person, and for the same secret only once: several files, or another try after a cut, need it again. */
function askOnce(context: Context): NonNullable<NonNullable<CommonOptions['network']>['askPassword']> {
  const ask = async (question: string): Promise<string | undefined> => (await import('../ask-hidden.js')).askHidden(question, context);
  const answers = new Map<string, Promise<string | undefined>>();
  return async (question, secret) => {
    if (secret === undefined) return ask(question);
    const answer = answers.get(secret) ?? ask(question);
    answers.set(secret, answer);
    return answer;
  };
}
