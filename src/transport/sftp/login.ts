import { join } from 'node:path';
import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware, ParsedKey } from 'ssh2';
import { homeFolder } from '../../content/home-folder.js';
import { ImgkitError, isImgkitError } from '../../errors.js';
import type { NetworkOptions } from '../../network/network-options.js';
import { oneLine } from '../../network/one-line.js';
import { findAgent } from './agent-keys.js';
import { LoginAnswers } from './login-answers.js';
import { readPrivateKey } from './private-key.js';
import type { SftpTarget } from './sftp-target.js';

const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/** One way to prove who the user is. `make` gives nothing where there is nothing to try. */
interface Method {
  readonly name: AuthenticationType;
  /** For who hears that it failed; none for what is no try. */
  readonly title: string;
  readonly make: () => Promise<AnyAuthMethod | undefined>;
}

export interface LoginOptions {
  readonly network: NetworkOptions;
  /** The key that was named: it is tried alone, without agent and usual files. */
  readonly key: ParsedKey | undefined;
  /** Called around questions to a person, who takes time. */
  readonly asking: (begins: boolean) => void;
  /** Called when an answer cannot be given. */
  readonly giveUp: () => void;
}

/**
 * How to prove who the user is, as `ssh2` asks for it, and what came of it: the named key alone, or the agent and then the usual files; then the
 * password, also as the answer to the server's questions.
 */
export class Login {
  readonly #target: SftpTarget;
  readonly #options: LoginOptions;
  readonly #answers: LoginAnswers;
  readonly #remaining: AsyncGenerator<Method, void, undefined>;
  readonly #tried: string[] = [];
  /** What could not be tried. */
  readonly #notes: string[] = [];
  #problem: ImgkitError | undefined;

  constructor(target: SftpTarget, options: LoginOptions) {
    this.#target = target;
    this.#options = options;
    this.#answers = new LoginAnswers(target, options.network, options.asking);
    this.#remaining = this.#methods();
  }

  /** What kept the login from going on, if anything did. */
  get problem(): ImgkitError | undefined {
    return this.#problem;
  }

  /** Names the next method to try each time the last was refused. */
  readonly authHandler: AuthHandlerMiddleware = (left, _partial, use) => {
    const proceed = use as (method: AnyAuthMethod | false) => void;
    this.#next(left as readonly AuthenticationType[] | null).then(proceed, (error: unknown) => {
      this.#problem ??= error as ImgkitError;
      proceed(false);
    });
  };

  /** `login-failed`, naming what was tried; or the error that kept a method from being tried. */
  failure(reason: string): ImgkitError {
    if (this.#problem !== undefined) return this.#problem;
    const { origin, user } = this.#target;
    const what = this.#tried.length === 0 ? 'nothing to log in with was found' : `tried ${this.#tried.join(', ')}`;
    const without = this.#notes.length === 0 ? '' : `; there is ${this.#notes.join('; ')}`;
    return new ImgkitError('login-failed', `${origin}: the server refuses the login of ${JSON.stringify(user)} (${oneLine(reason)}): ${what}${without}. Check the user, --ssh-key, the agent, or the password.`, { file: origin });
  }

  async #next(left: readonly AuthenticationType[] | null): Promise<AnyAuthMethod | false> {
    for (;;) {
      const { value, done } = await this.#remaining.next();
      if (done === true || value === undefined || this.#problem !== undefined) return false;
      if (left !== null && !left.includes(value.name)) continue;
      const method = await value.make();
      if (method === undefined) continue;
      if (value.title !== '') this.#tried.push(value.title);
      return method;
    }
  }

  async *#methods(): AsyncGenerator<Method, void, undefined> {
    const { user: username } = this.#target;
    // Without this the server's methods are not known.
    yield { name: 'none', title: '', make: async () => ({ type: 'none', username }) };
    yield* this.#keys(username);
    yield { name: 'password', title: 'the password', make: () => this.#byPassword(username) };
    yield { name: 'keyboard-interactive', title: 'answers to its questions', make: () => this.#byAnswers(username) };
  }

  async *#keys(username: string): AsyncGenerator<Method, void, undefined> {
    const { key: named, network } = this.#options;
    const keyMethod = (path: string, key: ParsedKey): Method => ({ name: 'publickey', title: `the key ${path}`, make: async () => ({ type: 'publickey', username, key }) });
    if (named !== undefined) {
      yield keyMethod(network.sshKey ?? '', named);
      return;
    }
    const { agent, note } = await findAgent();
    if (agent === undefined) this.#notes.push(note);
    else yield { name: 'publickey', title: note, make: async () => ({ type: 'agent', username, agent }) };
    for (const path of DEFAULT_KEYS.map((name) => join(homeFolder(), '.ssh', name))) {
      const key = await this.#defaultKey(path);
      if (key !== undefined) yield keyMethod(path, key);
    }
  }

  /** One of the usual keys, if it is there and can be used without asking. */
  async #defaultKey(path: string): Promise<ParsedKey | undefined> {
    try {
      return await readPrivateKey(path, async () => undefined);
    } catch (error) {
      if (!isImgkitError(error)) throw error;
      if (error.code === 'key-exposed') this.#notes.push(`${path}, which others can read`);
      else if (error.code === 'key-refused') this.#notes.push(`${path}, which is encrypted (name it with --ssh-key)`);
      return undefined;
    }
  }

  async #byPassword(username: string): Promise<AnyAuthMethod | undefined> {
    const password = await this.#answers.offer();
    return password === undefined ? undefined : { type: 'password', username, password };
  }

  async #byAnswers(username: string): Promise<AnyAuthMethod | undefined> {
    if (!(await this.#answers.areThere())) return undefined;
    return {
      type: 'keyboard-interactive', username,
      prompt: (_name, _instructions, _lang, prompts, finish) => {
        this.#answers.to(prompts).then(finish, (error: unknown) => {
          this.#problem ??= error as ImgkitError;
          this.#options.giveUp();
        });
      },
    };
  }
}
