import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, mkdtemp, open, readdir, readFile, readlink, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';

/** Until the child holds its (nameless) temporary file: its signal handlers are up by then. */
async function spooling(pid: number | undefined): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    const fds = await readdir(`/proc/${pid}/fd`).catch(() => []);
    const targets = await Promise.all(fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
    if (targets.some((target) => /\.spool|\/#\d+ \(deleted\)$/.test(target))) return;
    await sleep(50);
  }
  throw new Error('the load never began');
}

const main = fileURLToPath(new URL('../../cli/main.js', import.meta.url));

for (const [signal, expected] of [['SIGINT', 130], ['SIGTERM', 143]] as const) {
  test(`${signal} ends a load from a silent pipe with ${expected} and leaves no temporary file`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'imgkit-signal-'));
    try {
      const child = spawn(process.execPath, [main, 'load', '--store', join(folder, 'store')], { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, TMPDIR: folder } });
      child.stdin.on('error', () => {});
      child.stdin.write(Buffer.alloc(1_000_000));
      await spooling(child.pid);
      child.kill(signal);
      const [code] = (await once(child, 'exit')) as [number | null];
      t.is(code, expected);
      t.deepEqual((await readdir(folder)).filter((name) => name !== 'store'), []);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

test('a second Ctrl-C ends what waits for ever for a pipe', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'imgkit-signal-'));
  const [file, pipe] = ['app.tar', 'pipe'].map((name) => join(folder, name)) as [string, string];
  await writeFile(file, '');
  execFileSync('mkfifo', [pipe]);
  const child = spawn(process.execPath, [main, 'sign', file, '--key', pipe], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
  let end: FileHandle | undefined;
  try {
    // It can be opened so once the command waits at it: a signal that comes before the command listens would end it, too.
    for (; end === undefined && child.exitCode === null && child.signalCode === null; await sleep(20)) end = await open(pipe, constants.O_WRONLY | constants.O_NONBLOCK).catch(() => undefined);
    child.kill('SIGINT');
    // Of two that wait to be delivered there would be one.
    while (!/^ShdPnd:\s*0+$/m.test(await readFile(`/proc/${child.pid}/status`, 'utf8'))) await sleep(10);
    child.kill('SIGINT');
    t.deepEqual(await ended, [null, 'SIGINT']);
  } finally {
    clearTimeout(late);
    await end?.close();
    await rm(folder, { recursive: true, force: true });
  }
});

test('a reader that leaves early gets no complaint', async (t) => {
  const child = spawn(process.execPath, [main, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  await once(child, 'close');
  t.is(complaint, '');
});
