import { logout as logOut } from '../../src/index.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-code.js';
import { outputOptions } from '../options/output.js';
import { print } from '../print.js';
import { escape } from '../render/escape.js';

export const logout = defineCommand({
  name: 'logout',
  takes: '<registry>',
  summary: 'Forget the login to a registry',
  positionals: { registry: { type: 'string', demandOption: true, value: 'HOST', describe: 'HOST[:PORT], as for login' } },
  options: { ...outputOptions },
  examples: [
    ['imgkit logout registry.example:5000', 'Docker, podman and skopeo forget it too'],
    ['imgkit logout docker.io --json', 'Says where it was kept, as data'],
  ],
  async run(args, context) {
    const result = await logOut({ registry: args.registry, signal: context.signal });
    const where = result.forgottenIn.map(escape).join(', ');
    print(result, args, context, {
      text: () => [where === '' ? `was not logged in to ${escape(result.registry)}` : `logged out of ${escape(result.registry)} (${where})`],
      quiet: () => [],
    });
    return EXIT.done;
  },
});
