import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { createRingMemory, viewRing, type HashedFile, type HashMessage, type HashReply, type HashReplyMessage, type HashRequest, type ThreadRing } from './thread-ring.js';

/** More threads than processors take memory and hash no faster. */
const MOST_THREADS = availableParallelism();
/** A thread takes 40 ms to start: one without a file waits this long for the next. */
const IDLE_MS = 500;

const threads = new Set<HashThread>();
let lastFile = 0;

/** Who hears what becomes of one file. */
export interface HashUser {
  readonly onReply: (reply: HashReply) => void;
  /** The thread has ended on its own: nothing more will be heard. */
  readonly onDeath: (why: unknown) => void;
}

/** One file's share of a hashing thread. */
export interface HashSeat {
  /** Its own; of somebody else once it has left. */
  readonly ring: ThreadRing;
  send(request: HashRequest): void;
  /** When this resolves, the thread touches neither the file nor the ring any more. Safe to call twice. */
  leave(): Promise<void>;
}

/** Has `file` hashed by the thread that has the fewest files, or a new one while there may be more. Always `leave`. */
export function joinHashThread(file: Omit<HashedFile, 'memory'>, user: HashUser): HashSeat {
  const [least] = [...threads].toSorted((a, b) => a.files - b.files);
  const thread = least === undefined || (least.files > 0 && threads.size < MOST_THREADS) ? new HashThread() : least;
  return thread.join(file, user);
}

class HashThread {
  readonly #worker = new Worker(new URL('./hash-worker.js', import.meta.url), { execArgv: [] });
  readonly #users = new Map<number, HashUser & { onLeft?: () => void }>();
  /** Used again: they are large, and freed only as garbage. */
  readonly #rings: SharedArrayBuffer[] = [];
  #idle: NodeJS.Timeout | undefined;

  constructor() {
    threads.add(this);
    this.#worker.on('error', (error) => this.#died(error));
    this.#worker.on('exit', (code) => this.#died(`it ended with code ${code}`));
    this.#worker.on('message', ({ file, reply }: HashReplyMessage) => {
      const user = this.#users.get(file);
      if ('left' in reply) user?.onLeft?.();
      else user?.onReply(reply);
    });
  }

  get files(): number {
    return this.#users.size;
  }

  join(file: Omit<HashedFile, 'memory'>, user: HashUser): HashSeat {
    const number = (lastFile += 1);
    const memory = this.#rings.pop() ?? createRingMemory();
    clearTimeout(this.#idle);
    this.#worker.ref();
    this.#users.set(number, { ...user });
    this.#post({ file: number, request: { ...file, memory } });
    let leaving: Promise<void> | undefined;
    return { ring: viewRing(memory), send: (request) => this.#post({ file: number, request }), leave: () => (leaving ??= this.#leave(number, memory)) };
  }

  async #leave(file: number, memory: SharedArrayBuffer): Promise<void> {
    const user = this.#users.get(file);
    // The thread is dead.
    if (user === undefined) return;
    await new Promise<void>((resolve) => {
      user.onLeft = resolve;
      this.#post({ file, request: 'leave' });
    });
    this.#users.delete(file);
    this.#rings.push(memory);
    if (this.#users.size > 0) return;
    this.#worker.unref();
    this.#idle = setTimeout(() => this.#end(), IDLE_MS).unref();
  }

  #post(message: HashMessage): void {
    this.#worker.postMessage(message);
  }

  #end(): void {
    threads.delete(this);
    this.#worker.removeAllListeners();
    void this.#worker.terminate();
  }

  #died(why: unknown): void {
    threads.delete(this);
    clearTimeout(this.#idle);
    const users = [...this.#users.values()];
    this.#users.clear();
    for (const { onDeath, onLeft } of users) {
      onDeath(why);
      onLeft?.();
    }
  }
}
