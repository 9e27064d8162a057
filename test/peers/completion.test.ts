import { mkdir, writeFile } from 'node:fs/promises';
import test from 'ava';
import { makeImage } from '../../samples/make-image.js';
import { createWorkspace, type Workspace } from '../helpers/imgkit.js';
import { runOrThrow } from '../helpers/run.js';
import { openWindow } from '../helpers/tmux.js';

let workspace: Workspace;
test.before(async () => {
  workspace = await createWorkspace();
  await makeImage({ output: workspace.path('hello.tar') });
  await workspace.ok(['load', 'hello.tar']);
  await mkdir(workspace.path('keys'));
  await writeFile(workspace.path('keys/with space.pub'), '');
  await mkdir(workspace.path('drop'));
  await writeFile(workspace.path('drop/$(touch pwned).tar'), '');
  await mkdir(workspace.path('my files'));
  await writeFile(workspace.path('my files/eq=al.tar'), '');
  await workspace.ok(['load', 'hello.tar', '--store', 'my files/st:ore']);
  await workspace.ok(['tag', 'hello:1.2.0', 'other:9', '--store', 'my files/st:ore']);
  for (const shell of ['bash', 'zsh', 'fish']) await writeFile(workspace.path(`imgkit.${shell}`), await workspace.ok(['completion', shell]));
});
test.after.always(() => workspace.remove());

/** What is typed, and some of what is offered; `not` must not be. */
interface Case {
  readonly line: string;
  readonly offers: readonly string[];
  readonly not?: readonly string[];
}

const CASES: readonly Case[] = [
  { line: 'imgkit ver', offers: ['verify'], not: ['save'] },
  { line: 'imgkit ', offers: ['save', 'completion', 'help'] },
  { line: 'imgkit help exit', offers: ['exit-codes'] },
  { line: 'imgkit save --compress', offers: ['--compress', '--compress-level', '--compress-archive'], not: ['--json'] },
  { line: 'imgkit save app:1 --format ', offers: ['hybrid', 'oci', 'docker'] },
  { line: 'imgkit sign f --format c', offers: ['cms', 'cosign'], not: ['oci'] },
  { line: 'imgkit save app:1 --format=d', offers: ['docker'], not: ['oci'] },
  { line: 'imgkit verify hel', offers: ['hello.tar', 'hello:1.2.0'] },
  { line: 'imgkit rm hel', offers: ['hello:1.2.0'], not: ['hello.tar'] },
  { line: 'imgkit tag hello:1.2', offers: ['hello:1.2.0'], not: ['hello.tar'] },
  { line: 'imgkit copy -q hello.tar doc', offers: ['docker-archive:', 'docker-daemon:'] },
  { line: 'imgkit inspect docker-archive:hel', offers: ['hello.tar'], not: ['hello:1.2.0'] },
  { line: 'imgkit trust a', offers: ['add'] },
  { line: 'imgkit trust add k', offers: ['keys'], not: ['hello.tar'] },
  { line: 'imgkit verify hello.tar --trust ', offers: ['keys'], not: ['hello.tar'] },
  { line: 'imgkit verify hello.tar --key keys/w', offers: ['with space.pub'] },
  { line: 'imgkit completion ', offers: ['bash', 'fish', 'zsh'] },
  { line: 'imgkit sign hel', offers: ['hello.tar', 'hello:1.2.0'] },
  { line: 'imgkit save --al', offers: ['--all', '--all-platforms'] },
  { line: 'imgkit verify hello.tar --lookaside k', offers: ['keys'], not: ['hello.tar'] },
  { line: 'bin/imgkit rm hel', offers: ['hello:1.2.0'] },
];

/** With words that the shell has to read first; for bash, see IN_LINE. */
const QUOTED: readonly Case[] = [
  { line: 'imgkit rm --store=my\\ files/st:ore o', offers: ['other:9'] },
  { line: 'imgkit rm --store my\\ files/st:ore o', offers: ['other:9'] },
  { line: 'imgkit rm --store "my files/st:ore" o', offers: ['other:9'] },
  { line: 'imgkit rm --store ~/my\\ files/st:ore o', offers: ['other:9'] },
  { line: 'imgkit rm --store=$HOME/my\\ files/st:ore o', offers: ['other:9'] },
  { line: 'imgkit list my\\ files/e', offers: ['eq=al.tar'] },
  { line: 'imgkit list "my files/e', offers: ['eq=al.tar'] },
  { line: 'imgkit list ~/my\\ files/e', offers: ['eq=al.tar'] },
  { line: 'imgkit load hello.tar --into=oci:my\\ files/e', offers: ['eq=al.tar'] },
];

/** readline's part: the words as bash splits them, and the function that `complete` registered. */
const BASH = `
source imgkit.bash
COMP_LINE=$1
COMP_POINT=\${#COMP_LINE}
COMP_WORDS=()
rest=$COMP_LINE
while [[ -n $rest ]]; do
  if [[ $rest =~ ^[[:space:]]+ ]]; then rest=\${rest#"\${BASH_REMATCH[0]}"}; [[ -z $rest ]] && COMP_WORDS+=(''); continue; fi
  [[ $rest =~ ^([:=]+|[^[:space:]:=]+) ]]
  COMP_WORDS+=("\${BASH_REMATCH[0]}")
  rest=\${rest#"\${BASH_REMATCH[0]}"}
done
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_imgkit "\${COMP_WORDS[0]}" 2>/dev/null
printf '%s\\n' "\${COMPREPLY[@]}"
`;

function settings(): { readonly cwd: string; readonly env: Readonly<Record<string, string>> } {
  return { cwd: workspace.folder, env: { IMGKIT_HOME: workspace.home, HOME: workspace.folder, LC_ALL: 'C.UTF-8', PATH: `${workspace.path('bin')}:${process.env['PATH'] ?? ''}` } };
}

/** Bash and fish say a candidate whole, or from the last colon or slash on. */
function offers(lines: readonly string[], word: string): boolean {
  return lines.some((line) => line === word || word.endsWith(`:${line}`) || line.endsWith(`:${word}`) || line.endsWith(`/${word}`) || line === `${word}/` || line.endsWith(`=${word}`));
}

for (const { line, offers: wanted, not = [] } of CASES) {
  test.serial(`bash: ${line}`, async (t) => {
    const lines = (await runOrThrow('bash', ['--norc', '-c', BASH, 'bash', line], settings())).split('\n').filter((each) => each !== '');
    for (const word of wanted) t.true(offers(lines, word), `${word} in ${lines.join(' | ')}`);
    for (const word of not) t.false(offers(lines, word), `${word} in ${lines.join(' | ')}`);
  });
}

for (const { line, offers: wanted, not = [] } of [...CASES, ...QUOTED]) {
  test.serial(`fish: ${line}`, async (t) => {
    const output = await runOrThrow('fish', ['--no-config', '-c', 'source imgkit.fish; complete -C $argv[1]', line], settings());
    const lines = output.split('\n').map((each) => each.split('\t')[0] ?? '').filter((each) => each !== '');
    for (const word of wanted) t.true(offers(lines, word), `${word} in ${lines.join(' | ')}`);
    for (const word of not) t.false(offers(lines, word), `${word} in ${lines.join(' | ')}`);
  });
}

test.serial('zsh, in a terminal: each list as it is shown', async (t) => {
  const window = await openWindow({ columns: 150, rows: 60, shell: ['zsh', '-f'], cwd: workspace.folder, env: { ...settings().env, TERM: 'screen' } });
  try {
    await window.type("PROMPT='ready> '; autoload -U compinit; compinit -u -D; source imgkit.zsh; setopt noautomenu; LISTMAX=1000; clear; print loaded");
    await window.press('Enter');
    await window.until((screen) => /^loaded$/m.test(screen), 'the prompt');
    for (const { line, offers: wanted, not = [] } of [...CASES, ...QUOTED]) {
      // One candidate is put into the line, several are listed below it.
      await window.type(line);
      await window.press('C-d');
      if (wanted.length === 1) await window.press('Tab');
      const shown = (screen: string): boolean => wanted.every((word) => screen.slice(screen.lastIndexOf('ready>') + line.length).includes(word.replaceAll(' ', '\\ ')) || screen.slice(screen.lastIndexOf('ready>')).includes(word));
      const screen = await window.until(shown, `${wanted.join(', ')} for ${line}`);
      const list = screen.slice(screen.lastIndexOf('ready>')).split('\n').slice(1).join('\n');
      for (const word of not) t.notRegex(list, new RegExp(`(?:^|\\s)${word.replaceAll('.', '\\.')}(?:\\s|$)`, 'm'), `${line}\n${screen}`);
      // Not C-c: the shell may still be completing, and would take it for that.
      await window.press('C-u');
      await window.type('clear');
      await window.press('Enter');
      await window.until((text) => text.trim() === 'ready>', 'an empty screen');
    }
    t.pass();
  } finally {
    await window.close();
  }
});

/** What readline makes of a word when Tab is pressed behind it. */
const IN_LINE: readonly (readonly [typed: string, becomes: string])[] = [
  ['imgkit list ./drop/', 'imgkit list ./drop/\\$\\(touch\\ pwned\\).tar'],
  ['imgkit verify hello.tar --key keys/w', 'imgkit verify hello.tar --key keys/with\\ space.pub'],
  ['imgkit verify hello.tar --key "keys/w', 'imgkit verify hello.tar --key "keys/with space.pub"'],
  ['imgkit list docker-archive:keys/with\\ s', 'imgkit list docker-archive:keys/with\\ space.pub'],
  ['imgkit verify hello.tar --trust k', 'imgkit verify hello.tar --trust keys/'],
  ['imgkit rm hel', 'imgkit rm hello:1.2.0'],
  ['imgkit rm --store=my\\ files/st:ore o', 'imgkit rm --store=my\\ files/st:ore other:9'],
  ['imgkit rm --store ~/my\\ files/st:ore o', 'imgkit rm --store ~/my\\ files/st:ore other:9'],
  ['imgkit list my\\ files/eq=', 'imgkit list my\\ files/eq=al.tar'],
  ['imgkit list my\\ files/eq\\=a', 'imgkit list my\\ files/eq\\=al.tar'],
  ['imgkit save --output=my\\ files/eq=', 'imgkit save --output=my\\ files/eq=al.tar'],
  ['imgkit save --output="my files/e', 'imgkit save --output="my files/eq=al.tar"'],
];

test.serial('bash, in a terminal: names of strangers stay one word, folders get their slash', async (t) => {
  const window = await openWindow({ columns: 150, rows: 20, shell: ['bash', '--norc'], cwd: workspace.folder, env: { ...settings().env, TERM: 'screen' } });
  try {
    await window.type("PS1='ready> '; source imgkit.bash; clear; echo loaded");
    await window.press('Enter');
    await window.until((screen) => /^loaded$/m.test(screen), 'the prompt');
    for (const [typed, becomes] of IN_LINE) {
      await window.type(typed);
      await window.press('Tab');
      await window.until((screen) => screen.slice(screen.lastIndexOf('ready>')).includes(becomes), becomes);
      await window.press('C-u');
    }
    t.pass();
  } finally {
    await window.close();
  }
});

test.serial('the names of the store come from the store that the line names', async (t) => {
  const lines = (await runOrThrow('bash', ['--norc', '-c', BASH, 'bash', 'imgkit rm --store ./none hel'], settings())).trim();
  t.is(lines, '');
});
