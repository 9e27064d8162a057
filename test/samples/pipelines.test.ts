import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { commands, isCommandName } from '../../cli/commands.js';
import { plainArguments } from '../../cli/plain-arguments.js';
import { callsOf, pipelineNames, pipelineScripts, pipelinesFolder } from './pipeline-scripts.js';
import { openPipelineLab } from './run-pipeline.js';

const makefile = (await readFile(join(pipelinesFolder, 'Makefile'), 'utf8')).replaceAll(/\$\(\w+\)|\$[@<]/g, '$X');
const ftp = join(pipelinesFolder, '../ftp-distribution');
const scripts: readonly (readonly [name: string, script: string])[] = [
  ...(await Promise.all(pipelineNames.map(async (name) => [name, (await pipelineScripts(name)).join('\n')] as const))),
  ['Makefile', makefile],
  ...(await Promise.all(['publish.sh', 'receive.sh'].map(async (name) => [name, await readFile(join(ftp, name), 'utf8')] as const))),
];
const CLOSES: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };
const STEPS = ['edit', 'verify', 'sign', 'send', 'watch'];

test('every pipeline is tested', async (t) => {
  t.deepEqual((await readdir(pipelinesFolder)).toSorted(), [...pipelineNames, 'Makefile'].toSorted());
  t.deepEqual((await readdir(ftp)).filter((name) => !name.endsWith('.md')).toSorted(), ['publish.sh', 'receive.sh']);
});

for (const [name, script] of scripts) {
  test(`${name}: imgkit understands every call`, async (t) => {
    const calls = callsOf(script);
    for (const [, verb = '', ...words] of calls) {
      t.true(isCommandName(verb), verb);
      if (isCommandName(verb)) t.truthy(plainArguments(await commands[verb](), words), [verb, ...words].join(' '));
    }
    if (!name.endsWith('.sh')) t.deepEqual(calls.map(([, verb]) => verb), STEPS);
    t.false(/insecure/.test(script));
  });
}

test('no secret is in a pipeline, and none is an argument', async (t) => {
  for (const name of await readdir(pipelinesFolder)) {
    const text = await readFile(join(pipelinesFolder, name), 'utf8');
    t.notRegex(text, /PRIVATE KEY|password\s*[:=]\s*['"]?\w/i, name);
    // Files with keys are named; what is in them only goes through a shell's own printf.
    for (const words of callsOf(text)) t.false(words.some((word) => /-----BEGIN|secrets\./.test(word)), words.join(' '));
  }
});

test('Jenkinsfile: brackets and quotes close, and it is a declarative pipeline', async (t) => {
  const text = await readFile(join(pipelinesFolder, 'Jenkinsfile'), 'utf8');
  const code = text.replaceAll(/'''[^]*?'''|'[^'\n]*'|"[^"\n]*"/g, 'S').replaceAll(/\/\/.*$/gm, '');
  t.notRegex(code, /['"]/);
  const open: string[] = [];
  for (const bracket of code.match(/[()[\]{}]/g) ?? []) {
    if (bracket in CLOSES) t.is(open.pop(), CLOSES[bracket]);
    else open.push(bracket);
  }
  t.deepEqual(open, []);
  const stages = [...text.matchAll(/^ *stage\('(.*)'\) \{$/gm)].map(([, stage]) => stage);
  t.deepEqual(stages, ['Ship', 'Build', 'Label with build and revision', 'Verify', 'Sign and ship', 'Receive']);
  t.regex(code, /^\s*pipeline \{\n {2}agent none\n {2}triggers \{[^}]*\}\n {2}environment \{[^}]*\}\n {2}stages \{/);
  // Without an agent nothing is checked out yet; and each tag is a job of its own, which its timer would ship again.
  t.notRegex(/^ {2}environment \{[^}]*\}/m.exec(text)?.[0] ?? 'GIT_COMMIT', /GIT_/);
  t.regex(text, /cron\(env\.BRANCH_NAME == 'main' \? '[^']+' : ''\)/);
});

test('what a project of GitLab keeps for a job has no name that the file gives to another: that of the project counts', async (t) => {
  const text = await readFile(join(pipelinesFolder, '.gitlab-ci.yml'), 'utf8');
  const kept = [...text.matchAll(/install -m 600 "\$(\w+)"/g)].map(([, name]) => name);
  t.deepEqual(kept, ['SIGNING_KEY', 'DROP_SSH_KEY']);
  for (const name of kept) t.notRegex(text, new RegExp(`^ +${name}:`, 'm'));
});

test('no pipeline installs what is called imgkit at npmjs.com, which is another program', async (t) => {
  for (const name of await readdir(pipelinesFolder)) t.notRegex(await readFile(join(pipelinesFolder, name), 'utf8'), /npm install .*\simgkit(?:@|\s|$)/m, name);
});

test('the GitLab pipeline, step by step, from an image to the far side', async (t) => {
  const lab = await openPipelineLab(t);
  for (const script of await pipelineScripts('.gitlab-ci.yml')) {
    const { code, stderr } = await lab.run('sh', ['-eu', '-c', script]);
    t.is(code, 0, `${script}\n${stderr}`);
  }
  await lab.checkArrival();
});
