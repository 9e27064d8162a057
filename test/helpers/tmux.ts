import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runOrThrow } from './run.js';

/** A real terminal with a shell in it, of a server of its own. */
export interface TerminalWindow {
  /** Types text as it is. */
  type(text: string): Promise<void>;
  /** Presses keys by tmux' names: `Enter`, `Tab`, `C-c`. */
  press(...keys: readonly string[]): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  /** What is on the screen, without spaces at line ends and without empty lines at the end. */
  screen(): Promise<string>;
  /** The screen and all lines that went off it, above: a window that changes its width moves lines there. */
  everything(): Promise<string>;
  /** Polls until the screen is as `right` says; resolves with it. Rejects with the last one after a minute. */
  until(right: (screen: string) => boolean, what: string): Promise<string>;
  cursorShown(): Promise<boolean>;
  close(): Promise<void>;
}

export interface WindowOptions {
  readonly columns: number;
  readonly rows: number;
  /** The shell and its arguments. */
  readonly shell: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

const PATIENCE = 60_000;

export async function openWindow({ columns, rows, shell, cwd, env }: WindowOptions): Promise<TerminalWindow> {
  const folder = await mkdtemp(join(tmpdir(), 'imgkit-tmux-'));
  const tmux = (...args: readonly string[]): Promise<string> => runOrThrow('tmux', ['-f', '/dev/null', '-S', join(folder, 'socket'), ...args], { env: { TMUX: undefined, LC_ALL: 'C.UTF-8' } });
  const command = ['env', ...Object.entries(env).map(([name, value]) => `${name}=${value}`), ...shell].map((word) => `'${word}'`).join(' ');
  await tmux('new-session', '-d', '-s', 'main', '-x', String(columns), '-y', String(rows), '-c', cwd, command);
  const capture = async (...options: readonly string[]): Promise<string> => (await tmux('capture-pane', '-p', ...options, '-t', 'main')).split('\n').map((line) => line.trimEnd()).join('\n').trimEnd();
  const screen = (): Promise<string> => capture();
  return {
    screen,
    everything: () => capture('-S', '-'),
    type: async (text) => void (await tmux('send-keys', '-t', 'main', '-l', text)),
    press: async (...keys) => void (await tmux('send-keys', '-t', 'main', ...keys)),
    resize: async (width, height) => void (await tmux('resize-window', '-t', 'main', '-x', String(width), '-y', String(height))),
    async until(right, what) {
      const deadline = performance.now() + PATIENCE;
      for (;;) {
        const seen = await screen();
        if (right(seen)) return seen;
        if (performance.now() > deadline) throw new Error(`the terminal never showed ${what}:\n${seen}`);
        await sleep(100);
      }
    },
    cursorShown: async () => (await tmux('display-message', '-p', '-t', 'main', '#{cursor_flag}')).trim() === '1',
    async close() {
      await tmux('kill-server').catch(() => undefined);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
