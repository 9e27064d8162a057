import test from 'ava';
import { commands, type CommandName } from '../../cli/commands.js';
import { allGroups } from '../../cli/help/groups.js';
import { helpFor, commandHelpFor } from '../../cli/help/help-text.js';
import { aboutOf } from '../../cli/help/about.js';
import { optionGroups } from '../../cli/help/option-groups.js';
import { loadTopic, topicSummaries } from '../../cli/help/topics.js';
import { parse } from '../../cli/parse.js';
import { exitCodes } from '../../cli/exit-code.js';
import { widest } from './helpers.js';

const names = Object.keys(commands) as CommandName[];

/** The words of a shell line: enough for our examples, which know only quotes, redirections, pipes and `&&`. */
function callsOf(line: string): readonly (readonly string[])[] {
  return line
    .replaceAll(/<\(([^)]*)\)/g, '&& $1')
    .split(/\s(?:\||&&)\s/)
    .filter((part) => /^\s*imgkit /.test(part))
    .map((part) => (part.match(/'[^']*'|"[^"]*"|\S+/g) ?? []).map((word) => word.replace(/^(['"])(.*)\1$/, '$2')))
    .map((words) => words.slice(1, words.findIndex((word) => word === '>' || word === '<') === -1 ? undefined : words.findIndex((word) => word === '>' || word === '<')));
}

for (const name of names) {
  test(`${name}: every example is a call that the parser takes`, async (t) => {
    const command = await commands[name]();
    t.true(command.examples.length >= 2);
    let own = 0;
    for (const [call] of command.examples) {
      for (const words of callsOf(call)) {
        const request = await parse(words);
        t.is(request.kind, 'run', call);
        if (words[0] === name) own += 1;
      }
    }
    t.true(own >= 2, 'the examples are calls of this command');
  });

  test(`${name}: is in a group of the overview, has a text of its own, and 80 columns hold its help`, async (t) => {
    t.is(allGroups().filter(({ title, names: members }) => title !== 'More' && (members as readonly string[]).includes(name)).length, 1);
    t.true(aboutOf(name).length > 0);
    const help = await commandHelpFor(name);
    t.true(widest([help]) <= 80, help);
    const command = await commands[name]();
    for (const option of Object.keys(command.options)) t.regex(help, new RegExp(`--${option}\\b`), option);
    t.deepEqual(optionGroups(command).flatMap(({ names: options }) => options).sort(), [...Object.keys(command.options), 'help'].sort());
    t.is(optionGroups(command).at(-1)?.title, 'Output');
  });
}

for (const [name, summary] of topicSummaries) {
  test(`help ${name}: teaches in 80 columns`, async (t) => {
    const help = await helpFor([name]);
    t.true(help.startsWith(`${summary}.\n`));
    t.true(widest([help]) <= 80, help);
    t.true(help.split('\n').length <= 70);
    const topic = await loadTopic(name);
    t.is(topic.summary, summary);
    for (const block of topic.blocks) {
      if (block.kind !== 'code') continue;
      for (const line of block.lines) for (const words of callsOf(line.split(/ {3,}/)[0] ?? '')) t.is((await parse(words)).kind, 'run', line);
    }
  });
}

test('help help is the overview: a word that is shown as a command is none that is unknown', async (t) => {
  t.is(await helpFor(['help']), await helpFor([]));
  await t.throwsAsync(helpFor(['help', 'x']), { code: 'usage' });
});

test('help exit-codes names every error code', async (t) => {
  const help = await helpFor(['exit-codes']);
  for (const code of Object.keys(exitCodes)) t.regex(help, new RegExp(`\\b${code}\\b`));
});

for (const code of Object.keys(exitCodes)) {
  test(`help ${code}: cause and remedy in 80 columns`, async (t) => {
    const help = await helpFor([code]);
    t.true(help.startsWith(`${code}: exit ${exitCodes[code as keyof typeof exitCodes]}, `));
    t.regex(help, /^ {2}Cause /m);
    t.regex(help, /^ {2}Remedy /m);
    t.true(widest([help]) <= 80, help);
  });
}

test('the overview fits 80 columns and a line for each command', async (t) => {
  const help = await helpFor([]);
  t.true(widest([help]) <= 80);
  for (const name of names) t.regex(help, new RegExp(`^  ${name} +\\S.*$`, 'm'));
  t.notRegex(help, /^More commands/m);
});

for (const [words, message] of [
  [['pull'], /imgkit copy docker:/],
  [['hepl'], /Did you mean "help"/],
  [['--verison'], /Did you mean "--version"/],
  [['help', 'tust'], /command or topic "tust".*Did you mean "trust"/],
  [['help', 'digest-mismtach'], /Did you mean "digest-mismatch"/],
  [['help', 'save', 'load'], /Unexpected argument "load"/],
  [['save', '--recipent', 'x'], /Unknown option "--recipent"\. Did you mean "--recipient"/],
  [['save', 'a', '-o', 'b', '--all-platform'], /Did you mean "--all-platforms"/],
  [['trust', 'lsit', 'd'], /^action: "lsit" is not one of .*Did you mean "list"/],
  [['tag', 'a', '--latest'], /--latest needs --semver too/],
  [['keygen', '--type', 'shs', '-o', 'x'], /Did you mean "ssh"/],
] as const) {
  test(`${words.join(' ')}: says what was meant`, async (t) => {
    await t.throwsAsync(parse(words), { code: 'usage', message });
  });
}

test('--help wins over what else is wrong, and behind -- it is an operand', async (t) => {
  t.is((await parse(['save', '--nonsense', '-h'])).kind, 'print');
  const request = await parse(['list', '--', '--help']);
  t.is(request.kind === 'run' && request.args['location'], '--help');
});
