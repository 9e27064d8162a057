import { PoolWorker } from './pool-worker.js';
import { WaitingLine } from './waiting-line.js';

/** The worker threads of one script, lent to the pools that share them. They start when they are needed, and end when no pool is left. */
export class WorkerSupply {
  readonly #script: URL;
  readonly #most: number;
  readonly #idle: PoolWorker[] = [];
  readonly #workers = new Set<PoolWorker>();
  readonly #line = new WaitingLine();
  #pools = 0;

  /** `most`: threads at once, whatever the pools ask for. */
  constructor(script: URL, most: number) {
    this.#script = script;
    this.#most = most;
  }

  /** Whether somebody who takes a worker now has it without starting one. */
  get hasIdle(): boolean {
    return this.#idle.length > 0;
  }

  /** For each pool once, before it takes any. */
  join(): void {
    this.#pools += 1;
  }

  /** For each pool once, when it has given back what it took. Resolves when its threads have ended, unless others use them. */
  async leave(): Promise<void> {
    this.#pools -= 1;
    if (this.#pools > 0) return;
    const workers = [...this.#workers];
    this.#workers.clear();
    this.#idle.length = 0;
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  /** So many are about to be taken. */
  expect(count: number): void {
    try {
      while (this.#idle.length < count && this.#workers.size < this.#most) this.#idle.push(this.#start());
    } catch {
      // This process may start no more threads. Who runs a pass is told, when those that it has do not suffice.
    }
  }

  /** A worker, as soon as there is one; undefined once `stop` was aborted. Always `give` it back. Throws when there is none, and none can be started. */
  async take(stop: AbortSignal): Promise<PoolWorker | undefined> {
    for (;;) {
      const idle = this.#takeIdle();
      if (idle !== undefined) return idle;
      // All that there are have been lent.
      if (this.#workers.size < this.#most) {
        try {
          return this.#start();
        } catch (error) {
          if (this.#workers.size === 0) {
            // Nobody will give one back: the others have to hear of it, too.
            this.#line.next();
            throw error;
          }
        }
      }
      if (!(await this.#line.wait(stop))) return undefined;
    }
  }

  give(worker: PoolWorker): void {
    if (worker.dead) this.#workers.delete(worker);
    else this.#idle.push(worker);
    this.#line.next();
  }

  #takeIdle(): PoolWorker | undefined {
    for (let worker = this.#idle.pop(); worker !== undefined; worker = this.#idle.pop()) {
      if (!worker.dead) return worker;
      this.#workers.delete(worker);
    }
    return undefined;
  }

  #start(): PoolWorker {
    const worker = new PoolWorker(this.#script);
    this.#workers.add(worker);
    return worker;
  }
}
