import { syncBuiltinESMExports } from 'node:module';
import threads, { Worker } from 'node:worker_threads';
import { inflateRawSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { jobInput, jobOutput, type DeflateJob } from '../../src/deflate/deflate-job.js';
import { borrowMemory, deflateHere, deflateInThread, giveMemory } from '../../src/deflate/deflate-threads.js';
import { sameBytes } from '../content/bytes.js';
import { noise } from './inputs.js';

function job(seed: string): { input: Buffer; job: DeflateJob } {
  const memory = borrowMemory();
  const input = Buffer.from(noise(20_000, seed).toString('hex'));
  jobInput(memory).set(input);
  return { input, job: { memory, length: input.length, before: 0, last: true, level: 4 } };
}

async function compressMany(t: ExecutionContext): Promise<void> {
  const jobs = Array.from({ length: 20 }, (_, i) => job(`${i}`));
  const written = await Promise.all(jobs.map((each) => deflateInThread(each.job)));
  for (const [i, each] of jobs.entries()) {
    const packed = Buffer.from(jobOutput(each.job.memory, written[i] as number));
    sameBytes(t, inflateRawSync(packed), each.input);
    sameBytes(t, packed, Buffer.from(jobOutput(each.job.memory, deflateHere(each.job))), 'in a thread or here');
    giveMemory(each.job.memory);
  }
}

test.serial('more parts than threads, each with its own bytes', compressMany);

test.serial('threads that die: what they had is compressed all the same', async (t) => {
  const { postMessage } = Worker.prototype;
  t.teardown(() => (Worker.prototype.postMessage = postMessage));
  let killed = 0;
  Worker.prototype.postMessage = function die(this: Worker): void {
    killed += 1;
    void this.terminate();
  };
  await compressMany(t);
  t.true(killed > 0);
});

test.serial('no thread can be started: the calling one compresses', async (t) => {
  // Those of the tests before have ended.
  await new Promise((resolve) => setTimeout(resolve, 700));
  const tried: string[] = [];
  const { Worker: real } = threads;
  t.teardown(() => {
    threads.Worker = real;
    syncBuiltinESMExports();
  });
  threads.Worker = function none(script: URL): never {
    tried.push(script.pathname);
    throw new Error('ERR_WORKER_INIT_FAILED');
  } as unknown as typeof Worker;
  syncBuiltinESMExports();
  await compressMany(t);
  t.true(tried.length > 0);
});
