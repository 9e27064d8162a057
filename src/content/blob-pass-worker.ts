import { parentPort, workerData } from 'node:worker_threads';
import { packError, READY, viewWorkerMemory, type PassReply, type PassRequest, type WorkerMemory } from './blob-pass-message.js';
import { digestAhead, mayReadAhead } from './digest-ahead.js';
import { prepareBlobPass, runBlobPass, type BlobPassTools, type BlobPassWatch } from './blob-pass-run.js';

/** Makes this worker thread serve the passes of a pool (`createBlobPool`). The entry script calls it once, with its tools. */
export function serveBlobPasses(tools: BlobPassTools): void {
  const port = parentPort;
  if (port === null) throw new Error('serveBlobPasses() belongs into a worker thread.');
  const memory = viewWorkerMemory(workerData as SharedArrayBuffer);
  port.on('message', (pass: PassRequest) => {
    void perform(pass, tools, memory).then((reply) => port.postMessage(reply, memoryOf(reply)));
  });
  port.postMessage(READY);
}

/** What a reply holds megabytes in: it changes hands, and is not copied. */
function memoryOf(reply: PassReply): ArrayBuffer[] {
  const pairs = 'result' in reply && 'layer' in reply.result ? reply.result.layer?.names?.pairs : undefined;
  return pairs === undefined ? [] : [pairs.buffer];
}

async function perform(pass: PassRequest, tools: BlobPassTools, memory: WorkerMemory): Promise<PassReply> {
  const watch: BlobPassWatch = {
    onBytes: (done) => void Atomics.store(memory.done, 0, BigInt(done)),
    isCancelled: () => Atomics.load(memory.cancelled, 0) !== 0,
  };
  try {
    if ('seal' in pass) return { result: tools.seal(pass, watch) };
    await prepareBlobPass(pass);
    return { result: mayReadAhead(pass) ? await digestAhead(pass, watch) : runBlobPass(pass, tools, watch) };
  } catch (error) {
    return { error: packError(error) };
  }
}
