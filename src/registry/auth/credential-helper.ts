import { spawn } from 'node:child_process';
import { ImgkitError } from '../../errors.js';
import { parseJson, type JsonObject } from '../../content/json.js';
import { DEFAULT_LIMITS } from '../../limits.js';
import { oneLine } from '../../network/one-line.js';
import { stringAt, type Environment } from './config-file.js';
import { credentialsFrom, type Credentials } from './credentials.js';

const NAME = /^[a-zA-Z0-9](?:[\w.-]{0,62}[a-zA-Z0-9])?$/;
const LONGEST_ANSWER = 1024 * 1024;
/** A helper may ask a person to touch a key or type a PIN. */
const PATIENCE = 120_000;
/** What it said is read by then, when it has ended; an agent that it started may hold its pipes for days. */
const LINGER = 1_000;
/** What the helpers of docker/docker-credential-helpers say when they have nothing. */
const NOTHING = /credentials not found/i;

export interface HelperOptions {
  readonly environment?: Environment | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; default: two minutes. */
  readonly patience?: number | undefined;
}

/**
 * Asks `docker-credential-NAME` for the credentials of `server` (docker/docker-credential-helpers); undefined when it has
 * none. Throws `login-failed` with what the helper said when it fails.
 */
export async function getFromHelper(name: string, server: string, options: HelperOptions = {}): Promise<Credentials | undefined> {
  const { code, stdout, stderr } = await runHelper(name, 'get', `${server}\n`, options);
  if (code !== 0) {
    const said = stdout || stderr;
    if (NOTHING.test(said)) return undefined;
    throw helperFailed(name, `could not give the credentials of ${server}: ${oneLine(said) || `exit code ${code}`}`);
  }
  const answer = readAnswer(name, stdout);
  const username = stringAt(answer, 'Username') ?? '';
  const secret = stringAt(answer, 'Secret');
  return secret === undefined || username === '' ? undefined : credentialsFrom(username, secret);
}

/** Gives the helper credentials to keep. The secret goes through its standard input. Throws `login-failed`. */
export async function storeInHelper(name: string, server: string, { username, secret }: { readonly username: string; readonly secret: string }, options: HelperOptions = {}): Promise<void> {
  const { code, stdout, stderr } = await runHelper(name, 'store', JSON.stringify({ ServerURL: server, Username: username, Secret: secret }), options);
  if (code !== 0) throw helperFailed(name, `did not take the credentials of ${server}: ${oneLine((stdout || stderr).replaceAll(secret, '***')) || `exit code ${code}`}`);
}

/** Has the helper forget `server`. False when it knew nothing. Throws `login-failed`. */
export async function eraseFromHelper(name: string, server: string, options: HelperOptions = {}): Promise<boolean> {
  const { code, stdout, stderr } = await runHelper(name, 'erase', `${server}\n`, options);
  if (code === 0) return true;
  if (NOTHING.test(stdout || stderr)) return false;
  throw helperFailed(name, `did not forget the credentials of ${server}: ${oneLine(stdout || stderr) || `exit code ${code}`}`);
}

function readAnswer(name: string, text: string): JsonObject {
  try {
    const value = parseJson(Buffer.from(text), 'the answer', DEFAULT_LIMITS);
    if (value instanceof Map) return value as JsonObject;
  } catch {
    // Said below, without its words: they may hold a piece of the secret.
  }
  throw helperFailed(name, 'answered something else than the JSON of credentials');
}

interface HelperResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the helper found on PATH without a shell. Its name comes from a file, so it is checked first: it must not be a path. */
function runHelper(name: string, action: 'get' | 'store' | 'erase', input: string, { environment = process.env, signal, patience = PATIENCE }: HelperOptions): Promise<HelperResult> {
  if (!NAME.test(name)) throw new ImgkitError('login-failed', `The credential helper ${JSON.stringify(name.slice(0, 80))} has a name that cannot be one; correct credsStore or credHelpers in Docker's config.json.`);
  return new Promise((resolve, reject) => {
    const child = spawn(`docker-credential-${name}`, [action], { env: { ...environment }, stdio: ['pipe', 'pipe', 'pipe'], killSignal: 'SIGKILL', ...(signal === undefined ? {} : { signal }) });
    // It counts as ended when nobody has the other end of its pipes; what it started may have them still.
    const letGo = (): void => {
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const end = (): void => {
      child.kill('SIGKILL');
      letGo();
    };
    const timers = [setTimeout(end, patience)];
    const stopWaiting = (): void => timers.forEach((timer) => clearTimeout(timer));
    // After the timer, what is in the pipes is read once more before they are let go.
    child.once('exit', () => timers.push(setTimeout(() => setImmediate(letGo), LINGER)));
    const parts: { readonly stdout: Buffer[]; readonly stderr: Buffer[] } = { stdout: [], stderr: [] };
    let size = 0;
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= LONGEST_ANSWER) parts[stream].push(chunk);
        else end();
      });
    }
    // A helper may end without reading.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.on('error', (error) => {
      const { code } = error as NodeJS.ErrnoException;
      letGo();
      stopWaiting();
      if (signal?.aborted === true) reject(new ImgkitError('interrupted', 'Stopped while asking a credential helper.', {}, { cause: error }));
      else reject(helperFailed(name, code === 'ENOENT' || code === 'EACCES' ? "is not on the PATH, or may not be run; install it, or take it out of Docker's config.json" : `could not be started (${code ?? error.message}); run it by hand to see why`, error));
    });
    child.on('close', (code) => {
      stopWaiting();
      if (code === null) reject(helperFailed(name, 'took too long or said too much, and was ended; run it by hand to see why'));
      else resolve({ code, stdout: Buffer.concat(parts.stdout).toString('utf8').trim(), stderr: Buffer.concat(parts.stderr).toString('utf8').trim() });
    });
  });
}

function helperFailed(name: string, what: string, cause?: unknown): ImgkitError {
  return new ImgkitError('login-failed', `The credential helper docker-credential-${name} ${what}.`, { file: `docker-credential-${name}` }, { cause });
}
