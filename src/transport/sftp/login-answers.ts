import type { Prompt } from 'ssh2';
import { ImgkitError } from '../../errors.js';
import { findPassword } from '../../network/credentials.js';
import type { NetworkOptions } from '../../network/network-options.js';
import { oneLine } from '../../network/one-line.js';
import type { SftpTarget } from './sftp-target.js';

/** A server may ask one question after the other; an honest one is content after a few. */
const MOST_QUESTIONS = 10;

/** What the user knows: the password, and the answers to a server's questions. `asking` is called around questions to a person, who takes time. */
export class LoginAnswers {
  readonly #target: SftpTarget;
  readonly #network: NetworkOptions;
  readonly #asking: (begins: boolean) => void;
  #password: Promise<string | undefined> | undefined;
  #offered = false;
  #questions = 0;

  constructor(target: SftpTarget, network: NetworkOptions, asking: (begins: boolean) => void) {
    this.#target = target;
    this.#network = network;
    this.#asking = asking;
  }

  /** The password, for a try with it alone. */
  async offer(): Promise<string | undefined> {
    const found = await this.#find();
    this.#offered = found !== undefined;
    return found;
  }

  /** Whether there is anything to answer a question with. The same password again would only bring the account closer to being locked. */
  async areThere(): Promise<boolean> {
    return this.#network.askPassword !== undefined || ((await this.#find()) !== undefined && !this.#offered);
  }

  /** Throws `login-failed` for a server that asks too much. */
  async to(prompts: readonly Prompt[]): Promise<string[]> {
    const { origin } = this.#target;
    this.#questions += prompts.length;
    if (this.#questions > MOST_QUESTIONS) throw new ImgkitError('login-failed', `${origin}: the server asks more than ${MOST_QUESTIONS} questions, which no login does; is this the right server?`, { file: origin });
    const answers: string[] = [];
    for (const { prompt, echo } of prompts) {
      // The usual question for the password is answered with it; whatever else is asked needs a person.
      const usual = echo !== true && /passw/i.test(prompt) && !this.#offered;
      // Its words are its own: who asks must be plain, or one host could ask for the password of another.
      answers.push((usual ? await this.#find() : await this.#ask(async () => this.#network.askPassword?.(`${origin} asks: ${oneLine(prompt)} `))) ?? '');
    }
    return answers;
  }

  /** Looked for once, and only when it is its turn. */
  #find(): Promise<string | undefined> {
    const { host, port, user: username } = this.#target;
    this.#password ??= this.#ask(async () => (await findPassword({ scheme: 'sftp', host, port, user: username }, this.#network))?.password);
    return this.#password;
  }

  async #ask<T>(work: () => Promise<T>): Promise<T> {
    this.#asking(true);
    try {
      return await work();
    } finally {
      this.#asking(false);
    }
  }
}
