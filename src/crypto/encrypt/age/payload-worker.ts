import { readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { packError } from '../../../content/blob-pass-message.js';
import { endsEarly } from '../../../content/handle-source.js';
import { writeFullySync } from '../../../content/write-fully.js';
import { fromSystemError } from '../../../errors.js';
import { malformedAge } from './malformed.js';
import { ChunkNonce, openBlock, sealBlock, SEALED } from './payload.js';
import { payloadBlocks, viewPayloadMemory, type PayloadJob, type PayloadReply } from './payload-job.js';

// The entry script of a thread that encrypts or decrypts a payload (payload-threads.ts): takes block after block until none is left.
const reply = (message: PayloadReply): void => parentPort?.postMessage(message);
reply(work(workerData as PayloadJob));

function work(job: PayloadJob): PayloadReply {
  const { next, stopped, done } = viewPayloadMemory(job.memory);
  const { count, chunks } = payloadBlocks(job);
  const input = Buffer.allocUnsafeSlow(chunks * SEALED);
  const output = Buffer.allocUnsafeSlow(chunks * SEALED);
  while (Atomics.load(stopped, 0) === 0) {
    const block = Atomics.add(next, 0, 1);
    if (block >= count) break;
    try {
      Atomics.add(done, 0, BigInt(perform(job, block, input, output)));
    } catch (error) {
      // Blocks before this one are taken already, and are finished: the first error of all is the one to tell.
      Atomics.store(stopped, 0, 1);
      return { block, error: packError(error) };
    }
  }
  return { done: true };
}

/** Works on one block; returns its bytes in the input. */
function perform(job: PayloadJob, block: number, input: Buffer, output: Buffer): number {
  const { way, name, key } = job;
  const { inputBytes, outputBytes, chunks, count } = payloadBlocks(job);
  const at = block * inputBytes;
  const taken = readBlock(job, input.subarray(0, Math.min(inputBytes, job.input.length - at)), at);
  const nonce = new ChunkNonce(block * chunks);
  const last = block === count - 1;
  const { length, problem } = way === 'seal' ? { length: sealBlock(taken, output, key, nonce, last), problem: undefined } : openBlock(taken, output, key, nonce, last);
  if (problem !== undefined) throw malformedAge(name, problem);
  writeFullySync(job.output.fd, output.subarray(0, length), job.output.offset + block * outputBytes, job.outputName);
  return taken.length;
}

function readBlock({ input: { fd, offset, length }, name }: PayloadJob, block: Buffer, at: number): Buffer {
  for (let done = 0; done < block.length;) {
    const position = offset + at + done;
    let read: number;
    try {
      read = readSync(fd, block, done, block.length - done, position);
    } catch (error) {
      throw fromSystemError(error, name, `reading at offset ${position}`);
    }
    if (read === 0) throw endsEarly(name, position, offset + length);
    done += read;
  }
  return block;
}
