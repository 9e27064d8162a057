import { join } from 'node:path';
import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware, BaseAgent, ParsedKey, Prompt } from 'ssh2';
import { homeFolder } from '../../content/home-folder.js';
import { ImgkitError, isImgkitError } from '../../errors.js';
import { findPassword } from '../../network/credentials.js';
import type { NetworkOptions } from '../../network/network-options.js';
import { findAgent } from './agent-keys.js';
import { readPrivateKey } from './private-key.js';
import type { SftpTarget } from './sftp-target.js';

/** How to prove who the user is, as `ssh2` asks for it, and what came of it. */
export interface Login {
  /** Names the next method to try each time the last was refused. */
  readonly authHandler: AuthHandlerMiddleware;
  /** What kept the login from going on, if anything did. */
  problem(): ImgkitError | undefined;
  /** `login-failed`, naming what was tried; or the error that kept a method from being tried. */
  failure(reason: string): ImgkitError;
}

const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'];
/** A server may ask one question after the other; an honest one is content after a few. */
const MOST_QUESTIONS = 10;
type Method = { readonly name: AuthenticationType; readonly title: string; readonly make: () => Promise<AnyAuthMethod | undefined> };

/**
 * The `named` key alone, or the agent and then the usual files; then the password, also as the answer to the server's questions.
 * Passwords are looked for only when it is their turn. `asking` is called around questions to a person, who takes time; `giveUp` when an answer cannot be given.
 */
export function prepareLogin(target: SftpTarget, network: NetworkOptions, named: ParsedKey | undefined, asking: (begins: boolean) => void, giveUp: () => void): Login {
  const { user: username } = target;
  const tried: string[] = [];
  const notes: string[] = [];
  let problem: ImgkitError | undefined;
  let password: Promise<string | undefined> | undefined;
  let questions = 0;
  let passwordRefused = false;

  const ask = async <T>(work: () => Promise<T>): Promise<T> => {
    asking(true);
    try {
      return await work();
    } finally {
      asking(false);
    }
  };
  const findIt = (): Promise<string | undefined> => (password ??= ask(async () => (await findPassword({ scheme: 'sftp', host: target.host, port: target.port, user: username }, network))?.password));
  const answer = async (prompts: readonly Prompt[]): Promise<string[]> => {
    questions += prompts.length;
    if (questions > MOST_QUESTIONS) throw new ImgkitError('login-failed', `${target.origin}: the server asks more than ${MOST_QUESTIONS} questions, which no login does; is this the right server?`, { file: target.origin });
    const answers: string[] = [];
    for (const { prompt, echo } of prompts) {
      // The usual question for the password is answered with it; whatever else is asked needs a person.
      const usual = echo !== true && /passw/i.test(prompt) && !passwordRefused;
      // Its words are its own: who asks must be plain, or one host could ask for the password of another.
      answers.push((usual ? await findIt() : await ask(async () => network.askPassword?.(`${target.origin} asks: ${printable(prompt)} `))) ?? '');
    }
    return answers;
  };

  const keyMethod = (title: string, key: ParsedKey): Method => ({ name: 'publickey', title, make: async () => ({ type: 'publickey', username, key }) });
  const methods = async function* (): AsyncGenerator<Method, void, undefined> {
    // Without this the server's methods are not known.
    yield { name: 'none', title: '', make: async () => ({ type: 'none', username }) };
    if (named !== undefined) {
      yield keyMethod(`the key ${network.sshKey ?? ''}`, named);
    } else {
      const { agent, note } = await findAgent();
      notes.push(...(agent === undefined ? [note] : []));
      if (agent !== undefined) yield agentMethod(username, note, agent);
      for (const path of DEFAULT_KEYS.map((name) => join(homeFolder(), '.ssh', name))) {
        const key = await defaultKey(path, notes);
        if (key !== undefined) yield keyMethod(`the key ${path}`, key);
      }
    }
    yield {
      name: 'password', title: 'the password',
      make: async () => {
        const found = await findIt();
        if (found === undefined) return undefined;
        // The same password again would only bring the account closer to being locked.
        passwordRefused = true;
        return { type: 'password', username, password: found };
      },
    };
    yield {
      name: 'keyboard-interactive', title: 'answers to its questions',
      make: async () => ((await findIt()) === undefined || passwordRefused) && network.askPassword === undefined ? undefined : {
        type: 'keyboard-interactive', username,
        prompt: (_name, _instructions, _lang, prompts, finish) => {
          answer(prompts).then(finish, (error: unknown) => {
            problem ??= error as ImgkitError;
            giveUp();
          });
        },
      },
    };
  };
  const remaining = methods();
  const next = async (left: readonly AuthenticationType[] | null): Promise<AnyAuthMethod | false> => {
    for (;;) {
      const { value, done } = await remaining.next();
      if (done === true || value === undefined || problem !== undefined) return false;
      if (left !== null && !left.includes(value.name)) continue;
      const method = await value.make();
      if (method === undefined) continue;
      if (value.title !== '') tried.push(value.title);
      return method;
    }
  };
  return {
    problem: () => problem,
    authHandler: (left, _partial, use) => {
      const proceed = use as (method: AnyAuthMethod | false) => void;
      next(left as readonly AuthenticationType[] | null).then(proceed, (error: unknown) => {
        problem ??= error as ImgkitError;
        proceed(false);
      });
    },
    failure(reason) {
      if (problem !== undefined) return problem;
      const what = tried.length === 0 ? 'nothing to log in with was found' : `tried ${tried.join(', ')}`;
      const without = notes.length === 0 ? '' : `; there is ${notes.join('; ')}`;
      return new ImgkitError('login-failed', `${target.origin}: the server refuses the login of ${JSON.stringify(username)} (${printable(reason)}): ${what}${without}. Check the user, --ssh-key, the agent, or the password.`, { file: target.origin });
    },
  };
}

function agentMethod(username: string, title: string, agent: BaseAgent): Method {
  return { name: 'publickey', title, make: async () => ({ type: 'agent', username, agent }) };
}

/** One of the usual keys, if it is there and can be used without asking; why not goes to `notes`. */
async function defaultKey(path: string, notes: string[]): Promise<ParsedKey | undefined> {
  try {
    return await readPrivateKey(path, async () => undefined);
  } catch (error) {
    if (!isImgkitError(error)) throw error;
    if (error.code === 'key-exposed') notes.push(`${path}, which others can read`);
    else if (error.code === 'key-refused') notes.push(`${path}, which is encrypted (name it with --ssh-key)`);
    return undefined;
  }
}

/** A server's words on one line, without what could move the cursor. */
export function printable(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim().slice(0, 200);
}
