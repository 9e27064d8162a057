import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

type Values = Readonly<Record<string, unknown>>;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly params?: Values;
  readonly result?: Values;
  readonly error?: { readonly message: string };
}

export interface PageOptions {
  readonly width: number;
  readonly height: number;
  readonly scheme?: 'light' | 'dark';
  readonly scripts?: 'on' | 'off';
}

/** One page of a headless Chromium, driven through the DevTools protocol. */
export interface BrowserPage {
  /** What the console, the log of the browser and uncaught exceptions said. */
  readonly complaints: readonly string[];
  /** URLs that were asked for, the page itself first. */
  readonly requests: readonly string[];
  /** The value of an expression, which must be JSON. */
  evaluate<T>(expression: string): Promise<T>;
  /** Presses and releases keys, one after the other: `ArrowRight`, `Enter`, `a`. */
  press(...keys: readonly string[]): Promise<void>;
  screenshot(): Promise<Buffer>;
  pdf(): Promise<Buffer>;
  /** Names and roles of what a screen reader would find. */
  accessibles(): Promise<readonly { readonly role: string; readonly name: string }[]>;
}

export interface Browser {
  open(url: string, options: PageOptions): Promise<BrowserPage>;
  close(): Promise<void>;
}

/** Starts the Chromium of Debian, with a profile of its own and a pipe instead of a port. */
export async function startChromium(): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'imgkit-chromium-'));
  const args = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--disable-extensions', '--disable-background-networking', '--remote-debugging-pipe', `--user-data-dir=${profile}`, 'about:blank'];
  const child = spawn('chromium', args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'], env: { ...process.env, HOME: profile } });
  const [input, output] = [child.stdio[3] as Writable, child.stdio[4] as Readable];
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors = `${errors}${chunk.toString()}`.slice(-4_000)));
  const waiting = new Map<number, { readonly done: (result: Values) => void; readonly failed: (error: Error) => void }>();
  const listeners = new Map<string, (method: string, params: Values) => void>();
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      for (const { failed } of waiting.values()) failed(new Error(`chromium ended\n${errors}`));
      waiting.clear();
      resolve();
    };
    child.once('error', end);
    child.once('exit', end);
  });
  // What was under way when the browser ended is told above.
  input.on('error', () => {});
  let text = '';
  output.setEncoding('utf8').on('data', (chunk: string) => {
    const messages = `${text}${chunk}`.split('\0');
    text = messages.pop() ?? '';
    for (const message of messages) receive(JSON.parse(message) as Message);
  });
  function receive({ id, method, sessionId, params = {}, result = {}, error }: Message): void {
    if (id === undefined) {
      if (method !== undefined && sessionId !== undefined) listeners.get(sessionId)?.(method, params);
      return;
    }
    const call = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) call?.done(result);
    else call?.failed(new Error(error.message));
  }
  let last = 0;
  const send = (method: string, params: Values = {}, sessionId?: string): Promise<Values> => new Promise((done, failed) => {
    last += 1;
    waiting.set(last, { done, failed });
    input.write(`${JSON.stringify({ id: last, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`);
  });
  return {
    async open(url, options) {
      const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
      const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
      const session = sessionId as string;
      return openPage(url, options, (method, params) => send(method, params, session), (listener) => listeners.set(session, listener));
    },
    async close() {
      if (child.exitCode === null && child.signalCode === null) void send('Browser.close').catch(() => undefined);
      const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
      await ended;
      clearTimeout(timer);
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function openPage(url: string, options: PageOptions, send: (method: string, params?: Values) => Promise<Values>, listen: (listener: (method: string, params: Values) => void) => void): Promise<BrowserPage> {
  const { width, height, scheme = 'light', scripts = 'on' } = options;
  const complaints: string[] = [];
  const requests: string[] = [];
  const loaded = new Promise<void>((resolve) => {
    listen((method, params) => {
      if (method === 'Runtime.consoleAPICalled' || method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded') complaints.push(JSON.stringify(params));
      if (method === 'Network.requestWillBeSent') requests.push((params['request'] as { url: string }).url);
      if (method === 'Page.loadEventFired') resolve();
    });
  });
  for (const domain of ['Page', 'Runtime', 'Log', 'Network', 'Accessibility']) await send(`${domain}.enable`);
  await send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
  await send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
  if (scripts === 'off') await send('Emulation.setScriptExecutionDisabled', { value: true });
  await send('Page.navigate', { url });
  await loaded;
  const file = async (method: string, params: Values): Promise<Buffer> => Buffer.from((await send(method, params))['data'] as string, 'base64');
  return {
    complaints, requests,
    async evaluate<T>(expression: string) {
      const { result, exceptionDetails } = await send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
      if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
      return (result as { value: T }).value;
    },
    async press(...keys) {
      for (const key of keys) {
        const code = { Tab: 9, Enter: 13, Backspace: 8, Escape: 27, Home: 36, End: 35, ArrowLeft: 37, ArrowUp: 38, ArrowRight: 39, ArrowDown: 40 }[key] ?? key.toUpperCase().charCodeAt(0);
        const text = key === 'Enter' ? '\r' : key.length === 1 ? key : undefined;
        await send('Input.dispatchKeyEvent', { type: 'keyDown', key, windowsVirtualKeyCode: code, ...(text === undefined ? {} : { text }) });
        await send('Input.dispatchKeyEvent', { type: 'keyUp', key, windowsVirtualKeyCode: code });
      }
    },
    screenshot: () => file('Page.captureScreenshot', { format: 'png' }),
    pdf: () => file('Page.printToPDF', { printBackground: true }),
    async accessibles() {
      const { nodes } = await send('Accessibility.getFullAXTree');
      const value = (part: unknown): string => String((part as { value?: unknown } | undefined)?.value ?? '');
      return (nodes as readonly Values[]).filter(({ ignored }) => ignored !== true).map(({ role, name }) => ({ role: value(role), name: value(name) }));
    },
  };
}
