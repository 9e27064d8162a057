import type { ProgressEvent } from '../src/index.js';
import type { Progress } from './render/progress/stream.js';

/**
 * Whose turn it is to write to the terminal. Several hosts may want a password at once: they are asked for one after the
 * other, since an answer is for one host alone. Progress and warnings, which would be drawn over a question, wait until
 * nobody is being asked.
 */
export class Conversation {
  readonly #progress: Progress;
  readonly #say: (text: string) => void;
  readonly #held = new Map<string, ProgressEvent>();
  #unsaid: string[] = [];
  #turn: Promise<unknown> = Promise.resolve();
  #questions = 0;

  constructor(progress: Progress, say: (text: string) => void) {
    this.#progress = progress;
    this.#say = say;
  }

  /** Shows progress; during a question the latest of each item is kept for later. */
  readonly listen = (event: ProgressEvent): void => {
    if (this.#questions === 0) this.#progress.listen(event);
    else this.#held.set(`${event.phase} ${event.item}`, event);
  };

  /** Runs `question`, which writes to the terminal and reads from it, when it is its turn. */
  async ask<T>(question: () => Promise<T>): Promise<T> {
    this.#questions += 1;
    this.#progress.end();
    const answer = this.#turn.then(question);
    this.#turn = answer.catch(() => undefined);
    try {
      return await answer;
    } finally {
      this.#questions -= 1;
      if (this.#questions === 0) this.#goOn();
    }
  }

  /** Says something beside the data: now, or when nobody is being asked. */
  say(text: string): void {
    if (this.#questions > 0) {
      this.#unsaid.push(text);
      return;
    }
    this.#progress.end();
    this.#say(text);
  }

  #goOn(): void {
    const unsaid = this.#unsaid;
    const held = [...this.#held.values()];
    this.#unsaid = [];
    this.#held.clear();
    for (const text of unsaid) this.say(text);
    for (const event of held) this.listen(event);
  }
}
