import { ImgkitError } from '../../src/index.js';
import { commands, isCommandName } from '../commands.js';
import { suggest } from '../suggest.js';
import { commandHelp } from './command-help.js';
import { otherWord } from './other-words.js';
import { overview } from './overview.js';
import { blockLines } from './text.js';
import { isTopicName, loadTopic, topicSummaries } from './topics.js';

/** What `imgkit help [COMMAND|TOPIC|CODE]` prints. Throws `usage` for a word that is none of them. */
export async function helpFor(words: readonly string[]): Promise<string> {
  const [name, ...more] = words.filter((word) => word !== '--help' && word !== '-h');
  if (more[0] !== undefined) throw usage(`Unexpected argument "${more[0]}". See: imgkit help`);
  if (name === undefined || name === 'help') return overview();
  if (isCommandName(name) && !isTopicName(name)) return commandHelpFor(name);
  if (!isTopicName(name)) return errorHelpFor(name);
  const { summary, blocks } = await loadTopic(name);
  // `trust` is both; the page is about the matter, and says where its command is explained.
  const command = isCommandName(name) ? ['', `The command of this name: imgkit ${name} --help`] : [];
  return `${[`${summary}.`, '', ...blockLines(blocks), ...command].join('\n')}\n`;
}

/** What `imgkit COMMAND --help` prints. Throws `usage` for a word that is none. */
export async function commandHelpFor(name: string): Promise<string> {
  if (isCommandName(name)) return commandHelp(await commands[name]());
  throw unknownWord(name, 'command');
}

/** The error codes are looked at last: nobody else needs their page. */
async function errorHelpFor(name: string): Promise<string> {
  const [{ errorHelp, isErrorCode }, { errorIndex }] = await Promise.all([import('./error-pages.js'), import('./error-index.js')]);
  if (isErrorCode(name)) return errorHelp(name);
  throw unknownWord(name, 'command or topic', [...topicSummaries.map(([topic]) => topic), ...Object.keys(errorIndex)]);
}

/** The error for a first word that is no command. */
export function unknownWord(word: string, what: string, others: readonly string[] = []): ImgkitError {
  const elsewhere = otherWord(word);
  const near = elsewhere === undefined ? suggest(word, [...Object.keys(commands), 'help', ...others]) : undefined;
  const hint = elsewhere === undefined ? (near === undefined ? '' : ` Did you mean "${near}"?`) : ` Here it is: ${elsewhere}.`;
  return usage(`Unknown ${what} "${word}".${hint} See: imgkit --help`);
}

function usage(message: string): ImgkitError {
  return new ImgkitError('usage', message);
}
