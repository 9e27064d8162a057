import { defineCommand } from '../command.js';
import { completionScript } from '../completion/script.js';
import { EXIT } from '../exit-code.js';
import { outputOptions } from '../options/output.js';
import { print } from '../print.js';

export const completion = defineCommand({
  name: 'completion',
  takes: '<shell>',
  summary: 'Print a script that completes commands, options and names',
  positionals: { shell: { type: 'string', demandOption: true, choices: ['bash', 'zsh', 'fish'] as const, describe: 'For which shell' } },
  options: { ...outputOptions },
  examples: [
    ['source <(imgkit completion bash)', 'In ~/.bashrc'],
    ['imgkit completion fish > ~/.config/fish/completions/imgkit.fish', 'Once, for fish'],
  ],
  async run(args, context) {
    const script = await completionScript(args.shell);
    const lines = (): readonly string[] => script.trimEnd().split('\n');
    print({ shell: args.shell, script }, args, context, { text: lines, quiet: lines });
    return EXIT.done;
  },
});
