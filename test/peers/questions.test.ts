import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import test from 'ava';
import { startDockerRegistry, type DockerRegistry } from '../helpers/docker-registry.js';
import { createWorkspace, type Workspace } from '../helpers/imgkit.js';
import { startSshd, type Sshd } from '../helpers/sshd.js';
import { openWindow, type TerminalWindow } from '../helpers/tmux.js';

let workspace: Workspace;
let servers: readonly Sshd[];
let registry: DockerRegistry;
const login = { user: 'me', password: 'p:w ä' };
test.before(async () => {
  workspace = await createWorkspace();
  registry = await startDockerRegistry({ login, tls: true });
  servers = await Promise.all([startSshd(), startSshd()]);
  await mkdir(workspace.path('.ssh'));
  await writeFile(workspace.path('.ssh/known_hosts'), servers.map(({ knownHosts }) => knownHosts).join(''));
  for (const name of ['one.tar', 'two.tar']) await writeFile(workspace.path(name), name);
});
test.after.always(async () => {
  for (const server of servers ?? []) await server.stop();
  await registry?.stop();
  await workspace?.remove();
});

async function openShell(): Promise<TerminalWindow> {
  const env = { HOME: workspace.folder, PATH: `${workspace.path('bin')}:${process.env['PATH'] ?? ''}`, IMGKIT_HOME: workspace.home, PS1: 'ready> ', SSH_AUTH_SOCK: '', DOCKER_CONFIG: workspace.path('docker'), REGISTRY_AUTH_FILE: '' };
  return openWindow({ columns: 160, rows: 24, shell: ['bash', '--norc', '--noprofile'], cwd: workspace.folder, env });
}

const questions = (screen: string): readonly string[] => screen.split('\n').filter((line) => line.startsWith('Password of '));

test.serial('two hosts that want a password are asked for one after the other, once for all files, and each gets its own', async (t) => {
  const shell = await openShell();
  try {
    await shell.until((screen) => screen.includes('ready>'), 'the shell');
    await shell.type(`imgkit send one.tar two.tar ${servers.map((server) => server.url('/')).join(' ')}; echo "exit $?"`);
    await shell.press('Enter');
    for (const count of [1, 2]) {
      const question = questions(await shell.until((screen) => questions(screen).length >= count, `question ${count}`)).at(-1) ?? '';
      t.regex(question, /^Password of \w+ at sftp:\/\/127\.0\.0\.1:\d+:$/);
      await shell.type(servers.find(({ port }) => question.includes(`:${port}:`))?.password ?? '');
      await shell.press('Enter');
    }
    const end = await shell.until((screen) => /^exit \d+$/m.test(screen), 'the end');
    t.is(questions(end).length, 2, end);
    t.regex(end, /^all 4 delivered\nexit 0$/m);
    for (const { home } of servers) t.deepEqual((await readdir(home)).toSorted(), ['one.tar', 'one.tar.sha256', 'two.tar', 'two.tar.sha256']);
  } finally {
    await shell.close();
  }
});

test.serial('Ctrl-C at a question ends the command, not only that question', async (t) => {
  const shell = await openShell();
  try {
    await shell.until((screen) => screen.includes('ready>'), 'the shell');
    await shell.type(`imgkit send one.tar ${servers.map((server) => server.url('/more/')).join(' ')}; echo "exit $?"`);
    await shell.press('Enter');
    await shell.until((screen) => questions(screen).length > 0, 'a question');
    await shell.press('C-c');
    const end = await shell.until((screen) => /^exit \d+$/m.test(screen), 'the end');
    t.regex(end, /^exit 130$/m);
    t.is(questions(end).length, 1, end);
  } finally {
    await shell.close();
  }
});

test.serial('login asks for user name and password, keeps what the registry takes, and nothing that it refuses', async (t) => {
  const shell = await openShell();
  const answer = async (question: string, text: string): Promise<void> => {
    await shell.until((screen) => screen.trimEnd().endsWith(question), question);
    await shell.type(text);
    await shell.press('Enter');
  };
  const logIn = async (password: string): Promise<string> => {
    await shell.type(`clear; imgkit login ${registry.host} --ca ${registry.ca}; echo "exit $?"`);
    await shell.press('Enter');
    await answer(`User name for ${registry.host}:`, login.user);
    await answer(`Password of ${login.user} at ${registry.host}:`, password);
    return shell.until((screen) => /^exit \d+$/m.test(screen), 'the end');
  };
  try {
    await shell.until((screen) => screen.includes('ready>'), 'the shell');
    const refused = await logIn('wrong one');
    t.regex(refused, /^exit 5$/m);
    t.regex(refused, /wrong|refuse|denied|unauthorized/i);
    t.false(refused.includes('wrong one'), refused);
    await t.throwsAsync(readdir(workspace.path('docker')), { code: 'ENOENT' });
    const taken = await logIn(login.password);
    t.regex(taken, new RegExp(`^logged in to ${registry.host} as me$[^]*^exit 0$`, 'm'));
    t.false(taken.includes(login.password), taken);
    const { auths } = JSON.parse(await readFile(workspace.path('docker/config.json'), 'utf8')) as { auths: Record<string, { auth: string }> };
    t.is(auths[registry.host]?.auth, Buffer.from(`${login.user}:${login.password}`).toString('base64'));
  } finally {
    await shell.close();
  }
});

test.serial('Ctrl-C at the question for the user name ends login as it ends every command; Ctrl-D is no name', async (t) => {
  const shell = await openShell();
  try {
    await shell.until((screen) => screen.includes('ready>'), 'the shell');
    for (const [key, end] of [['C-c', /^exit 130$/m], ['C-d', /--username[^]*^exit 2$/m]] as const) {
      await shell.type(`clear; imgkit login ${registry.host} --ca ${registry.ca}; echo "exit $?"`);
      await shell.press('Enter');
      await shell.until((screen) => screen.trimEnd().endsWith(`User name for ${registry.host}:`), 'the question');
      await shell.press(key);
      t.regex(await shell.until((screen) => /^exit \d+$/m.test(screen), 'the end'), end);
    }
  } finally {
    await shell.close();
  }
});
