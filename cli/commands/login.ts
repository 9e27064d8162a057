import { ImgkitError, login as logIn } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { ask, passwordFromStdin } from '../options/credentials.js';
import { registryOptions, toNetworkOptions } from '../options/network.js';
import { outputOptions } from '../options/output.js';
import { print } from '../print.js';
import { escape } from '../render/escape.js';

export const login = defineCommand({
  name: 'login',
  takes: '<registry>',
  summary: 'Log in to a registry, as docker login does',
  positionals: { registry: { type: 'string', demandOption: true, value: 'HOST', describe: 'HOST[:PORT]; docker.io is Docker Hub' } },
  options: {
    username: { type: 'string', alias: 'u', group: 'Login:', requiresArg: true, value: 'NAME', describe: 'User name (else asked for)' },
    'password-stdin': { type: 'boolean', group: 'Login:', implies: 'username', describe: 'Read the password from standard input' },
    ...registryOptions,
    ...outputOptions,
  },
  examples: [
    ['imgkit login registry.example:5000', 'Asks for user name and password'],
    ['imgkit login ghcr.io -u ci --password-stdin < token', 'In a script'],
  ],
  async run(args, context) {
    const { registry } = args;
    const username = args.username ?? (await ask(`User name for ${registry}:`, context, { hidden: false }));
    if (username === undefined) throw new ImgkitError('usage', 'Nobody can be asked for the user name here: give --username NAME --password-stdin.');
    const password = args['password-stdin'] === true ? await passwordFromStdin(context) : await ask(`Password of ${username} at ${registry}:`, context, { hidden: true });
    if (password === undefined) throw new ImgkitError('usage', 'Nobody can be asked for the password here: give --password-stdin.');
    const result = await logIn({ registry, username, password, network: toNetworkOptions(args, context), signal: context.signal });
    print(result, args, context, {
      text: () => [`logged in to ${escape(result.registry)} as ${escape(result.username)}`],
      quiet: () => [],
      aside: result.protectedByHelper
        ? [`kept by ${escape(result.keptIn)}`]
        : [`kept in ${escape(result.keptIn)}, readable for whoever reads that file;`, 'a credential helper (credsStore) would protect it'],
    });
    return EXIT.done;
  },
});
