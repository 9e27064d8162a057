import type { LentChunk } from '../../content/lent-chunk.js';
import { ImgkitError } from '../../errors.js';
import type { HttpResponse } from '../../network/http-client.js';
import type { ReadOptions } from '../transport.js';
import { parseContentRange, parseUnsatisfiedRange } from './content-range.js';
import { strongTag } from './entity-tag.js';
import type { HttpSession } from './http-session.js';
import { statusError } from './http-status.js';

/**
 * The bytes of a file, from `offset`, `length` of them: all of exactly these, or an error. A range is asked for with `If-Range`, so
 * that bytes of two versions never mix; what the server says it sends is compared with what was asked. A server that ignores
 * ranges sends everything: what comes before `offset` is read and dropped.
 */
export async function* readHttp(session: HttpSession, path: string, options: ReadOptions): AsyncGenerator<LentChunk, void, undefined> {
  const { offset = 0, length, version, lent = false, signal } = options;
  session.urlOf(path);
  if (length === 0) return;
  const ranged = offset > 0 || length !== undefined;
  const response = await session.request({
    method: 'GET', path, signal,
    headers: ranged ? { range: `bytes=${offset}-${length === undefined ? '' : offset + length - 1}`, ...(version !== undefined && { 'if-range': version }) } : {},
  });
  try {
    const window = windowOf(response, options, { session, path });
    if (window !== undefined) yield* cut(lent ? response.lentBody : response.body, window, { session, path });
  } finally {
    await response.discard();
  }
}

interface Where {
  readonly session: HttpSession;
  readonly path: string;
}

/** Of the body: how many bytes to drop first, and how many must follow; `rest` undefined: until it ends. */
interface Window {
  readonly skip: number;
  readonly rest: number | undefined;
  /** Whether the body may go on after that. */
  readonly more: boolean;
}

/** What to take of an answer; undefined when there is rightly nothing to take. */
function windowOf({ status, headers }: HttpResponse, { offset = 0, length, version }: ReadOptions, where: Where): Window | undefined {
  if (status === 412) throw changed(where);
  if (status === 416) {
    if (length === undefined && parseUnsatisfiedRange(headers.get('content-range')) === offset) return undefined;
    throw broken(where, 'the file ends before the bytes that were asked for; has it changed?');
  }
  if (status !== 200 && status !== 206) throw statusError(status, { host: where.session.host, path: where.path, doing: 'reading it' });
  const tag = strongTag(headers.get('etag'));
  if (version !== undefined && tag !== version && !(status === 206 && tag === undefined)) throw changed(where);
  if (status === 200) {
    const total = /^\d{1,15}$/.test(headers.get('content-length') ?? '') ? Number(headers.get('content-length')) : undefined;
    if (total !== undefined && offset + (length ?? 0) > total) throw broken(where, 'the file ends before the bytes that were asked for; has it changed?');
    return { skip: offset, rest: length ?? (total === undefined ? undefined : total - offset), more: length !== undefined };
  }
  const range = parseContentRange(headers.get('content-range'));
  if (range === undefined) throw broken(where, 'the server sends a part without saying which; is there a faulty proxy in between?');
  const last = length === undefined ? (range.total ?? range.last + 1) - 1 : offset + length - 1;
  // A file that ends earlier is answered with what there is of it.
  if (range.first !== offset || range.last !== last) throw broken(where, `the server sends bytes ${range.first}-${range.last} instead of ${offset}-${length === undefined ? '' : last}; has the file changed?`);
  return { skip: 0, rest: range.last - range.first + 1, more: false };
}

async function* cut(body: AsyncIterable<LentChunk>, { skip, rest, more }: Window, where: Where): AsyncGenerator<LentChunk, void, undefined> {
  let dropped = 0;
  let given = 0;
  for await (const chunk of body) {
    const from = Math.min(chunk.length, skip - dropped);
    dropped += from;
    const part = chunk.subarray(from, rest === undefined ? undefined : Math.min(chunk.length, from + rest - given));
    if (part.length < chunk.length - from && !more) throw broken(where, 'the server sends more than it announced; is there a faulty proxy in between?');
    given += part.length;
    if (part.length > 0) yield part;
    if (given === rest && more) return;
  }
  if (dropped < skip || (rest !== undefined && given < rest)) throw broken(where, `the file ended after ${dropped + given} bytes instead of ${skip + (rest ?? 0)}; run it again`);
}

function changed(where: Where): ImgkitError {
  return broken(where, 'the file at the server is another one than at first; start again from its beginning');
}

function broken({ session, path }: Where, problem: string): ImgkitError {
  return new ImgkitError('network-failed', `${session.host}: ${path}: ${problem}.`.replace(/\?\.$/, '?'), { file: `${session.host}${path}` });
}
