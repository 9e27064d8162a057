import { ImgkitError, type ErrorCode, type ErrorDetails } from '../errors.js';
import type { BlobPass, BlobPassResult } from './blob-pass.js';
import type { SealPass, SealPassResult } from './seal-pass.js';

/** Shared by a worker and the pool for as long as the worker lives. */
export interface WorkerMemory {
  /** Not 0: stop the running pass. */
  readonly cancelled: Int32Array;
  /** Stored bytes done of the running pass. */
  readonly done: BigInt64Array;
}

/** Memory for a new worker; send its `buffer`. */
export function createWorkerMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(16);
}

export function viewWorkerMemory(buffer: SharedArrayBuffer): WorkerMemory {
  return { done: new BigInt64Array(buffer, 0, 1), cancelled: new Int32Array(buffer, 8, 1) };
}

/** From the pool to a worker: run this. One at a time. */
export type PassRequest = BlobPass | SealPass;

/** From a worker: how the pass ended. */
export type PassReply = { readonly result: BlobPassResult | SealPassResult } | { readonly error: SentError };

/** What a worker says first. */
export const READY = 'ready';

/** An error in a form that survives the way between threads, which keeps neither classes nor fields. */
export interface SentError {
  readonly message: string;
  readonly stack?: string | undefined;
  readonly code?: ErrorCode | undefined;
  readonly details?: ErrorDetails | undefined;
}

export function packError(error: unknown): SentError {
  if (!(error instanceof Error)) return { message: String(error) };
  const { message, stack } = error;
  return error instanceof ImgkitError ? { message, stack, code: error.code, details: error.details } : { message, stack };
}

/** The error as it was thrown: code, sentence and details; the worker's stack is the cause. */
export function unpackError({ message, stack, code, details }: SentError): Error {
  if (code !== undefined) return new ImgkitError(code, message, details, { cause: stack });
  return new Error(message, { cause: stack });
}
