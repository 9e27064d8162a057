#!/usr/bin/env node
import { fstatSync } from 'node:fs';
import { ImgkitError, isImgkitError } from '../src/index.js';
import type { Context } from './context.js';
import { Conversation } from './conversation.js';
import { stopGracefully } from './ctrl-z.js';
import { EXIT, exitCodeOf } from './exit-code.js';
import { explainGoneFolder } from './gone-folder.js';
import { LateStderr } from './late-stderr.js';
import { parse, type Request, type Run } from './parse.js';
import { renderError } from './render/error.js';
import { createProgress, progressMode, sharesTerminal } from './render/progress.js';
import { styleFor } from './render/style.js';
import { widthOf } from './render/width.js';
import { explainTooManyFiles } from './too-many-files.js';

/** Their numbers everywhere that has them; `node:os` would cost a millisecond. */
const signals = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

const argv = process.argv.slice(2);
const abort = new AbortController();
let signalled: keyof typeof signals | undefined;
let stdoutFailure: NodeJS.ErrnoException | undefined;
let readsStdin = false;

/** Milliseconds that interrupted work has to clean up after itself. */
const GRACE = 30_000;

for (const name of Object.keys(signals) as (keyof typeof signals)[]) {
  process.on(name, () => {
    // The second one means it: no waiting for the work to clean up.
    if (signalled !== undefined) dieOf(name);
    signalled = name;
    process.exitCode = signalExit(name);
    abort.abort();
    // A read from a silent pipe ends only so. What has not cleaned up by then will not.
    if (readsStdin) process.stdin.destroy();
    setTimeout(() => dieOf(name), GRACE).unref();
  });
}
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  stdoutFailure ??= error;
  abort.abort();
});
const stderr = new LateStderr();

// Should the event loop run dry before the work is done, that is not success.
process.exitCode = EXIT.io;
// No top-level await: the bundle is CommonJS (build.mjs says why).
void main().then((code) => process.exit(code));

async function main(): Promise<number> {
  let verb: string | undefined;
  try {
    const request = await parse(argv);
    if (request.kind === 'run') verb = request.command.name;
    const code = request.kind === 'run' ? await run(request) : show(request);
    await flushed();
    if (stdoutFailure !== undefined) throw stdoutFailure;
    // A signal that came after the work was done changes nothing: it is done.
    return code;
  } catch (caught) {
    if (signalled !== undefined) return signalExit(signalled);
    // Whoever read us has enough (`imgkit list | head -1`): stop, and say nothing.
    if (stdoutFailure?.code === 'EPIPE') return EXIT.io;
    const error = stdoutFailure === undefined ? explainGoneFolder(explainTooManyFiles(caught)) : stdoutError(stdoutFailure);
    const json = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : undefined).some((word) => word === '--json' || word === '--json=true');
    stderr.write(renderError(error, { json, debug: process.env['IMGKIT_DEBUG'] === '1', style: styleFor(stderr, process.env), width: widthOf(stderr) }));
    await flushed();
    return isImgkitError(error) ? exitCodeOf(error.code, verb) : EXIT.io;
  }
}

function show(request: Exclude<Request, { kind: 'run' }>): number {
  const asked = request.kind === 'print';
  (asked ? process.stdout : stderr).write(request.text);
  return asked ? EXIT.done : EXIT.usage;
}

async function run({ command, args }: Run): Promise<number> {
  const { stdout, env } = process;
  const progress = createProgress(progressMode(args, { isTTY: stderr.isTTY && !sharesTerminal(args, isPipe) }, env), stderr);
  // However the process ends, the terminal gets its cursor back.
  process.once('exit', progress.end);
  stopGracefully(progress);
  const conversation = new Conversation(progress, (text) => stderr.write(text));
  const context: Context = {
    stdout,
    stderr,
    stdin: {
      // Opening stdin takes time: only for a command that is about to read it.
      get isTTY() {
        readsStdin = true;
        return process.stdin.isTTY;
      },
    },
    signal: abort.signal,
    onProgress: conversation.listen,
    endProgress: progress.end,
    conversation,
    style: { stdout: styleFor(stdout, env), stderr: styleFor(stderr, env) },
  };
  try {
    return await command.run(args as never, context);
  } finally {
    progress.end();
  }
}

function isPipe(fd: 0 | 1): boolean {
  try {
    return fstatSync(fd).isFIFO();
  } catch {
    return false;
  }
}

/** Resolves when both streams have handed their bytes over: `process.exit` would drop the rest. */
async function flushed(): Promise<void> {
  await Promise.all(
    [process.stdout, stderr].map((stream) => (stream.writableLength === 0 ? undefined : new Promise<void>((resolve) => stream.write('', () => resolve())))),
  );
  // A failure is told one turn later.
  await new Promise((resolve) => setImmediate(resolve));
}

/** What is wrong with standard output, in words. */
function stdoutError(cause: NodeJS.ErrnoException): ImgkitError {
  if (cause.code === 'ENOSPC') return new ImgkitError('disk-full', 'stdout: the disk is full; free some space and run it again.', { file: 'stdout' }, { cause });
  return new ImgkitError('io-failed', `stdout: the system says "${cause.message}" while writing; look at where the output goes.`, { file: 'stdout' }, { cause });
}

/** By the signal itself: `process.exit` waits for threads, and one may wait for ever for a pipe, or stretch a passphrase for seconds. */
function dieOf(name: keyof typeof signals): void {
  process.removeAllListeners(name);
  process.kill(process.pid, name);
  // The first process of a container does not die of it.
  process.exit(signalExit(name));
}

function signalExit(name: keyof typeof signals): number {
  return 128 + signals[name];
}
