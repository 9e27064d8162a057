import { parentPort } from 'node:worker_threads';
import type { DeflateJob } from './deflate-job.js';
import { Deflater } from './deflater.js';

// The entry script of a thread that compresses (deflate-threads.ts): part after part, in the order they come.
const deflater = new Deflater();
parentPort?.on('message', (job: DeflateJob) => parentPort?.postMessage(deflater.run(job)));
