import { lentBytes, own, type LentChunk } from '../../content/lent-chunk.js';
import { ImgkitError, isImgkitError } from '../../errors.js';
import type { WriteOptions } from '../transport.js';
import type { HttpSession } from './http-session.js';
import { statHttp } from './http-stat.js';
import { statusError } from './http-status.js';

const DONE: ReadonlySet<number> = new Set([200, 201, 204]);

/**
 * Puts the whole file in one request (a part with `Content-Range` is refused or, worse, taken for the whole), and asks the server
 * for its size afterwards, unless the URL is presigned and opens nothing but the PUT. With a wrong `size`, the request is cut,
 * and the server drops it. Throws `remote-full`, `remote-refused`, `file-not-found`, `login-failed`, `network-*`.
 */
export async function writeHttp(session: HttpSession, path: string, chunks: AsyncIterable<LentChunk>, options: WriteOptions): Promise<void> {
  const { offset = 0, size, lent = false, onSent, signal } = options;
  session.urlOf(path);
  const where = { host: session.host, path, doing: 'writing it' };
  if (offset !== 0) throw new ImgkitError('remote-refused', `${session.host}: ${path}: HTTP cannot continue an upload; send it from its beginning.`, { file: `${session.host}${path}` });
  const source = chunks[Symbol.asyncIterator]();
  let sent = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (let next = await source.next(); next.done !== true; next = await source.next()) {
        const chunk = next.value;
        if (size !== undefined && sent + chunk.length > size) throw mismatch(where, `more than the ${size} bytes`);
        sent += chunk.length;
        // undici may ask for the next one before it has sent this.
        yield lent ? own(chunk) : lentBytes(chunk);
        onSent?.(sent);
      }
      if (size !== undefined && sent !== size) throw mismatch(where, `${sent} instead of the ${size} bytes`);
    } finally {
      await source.return?.();
    }
  };
  const response = await session.request({ method: 'PUT', path, body: counted(), bodySize: size, headers: { 'content-type': 'application/octet-stream' }, signal });
  await response.discard();
  if (!DONE.has(response.status)) throw (await folderMissing(session, path, response.status, options)) ?? statusError(response.status, where);
  if (size !== undefined && sent !== size) throw new ImgkitError('network-failed', `${session.host}: ${path}: the server confirmed the file before it had all of it (${sent} of ${size} bytes); run it again.`, { file: `${session.host}${path}` });
  // A server may answer before undici has heard that the last bytes went, and asked for more: what the source proves at its end is asked for here then.
  if ((await source.next()).done !== true) throw mismatch(where, `more than the ${size} bytes`);
  onSent?.(sent);
  if (session.isSigned(path)) return;
  // A drop box that only takes says nothing about what it has.
  const stat = await statHttp(session, path, { signal }).catch((error: unknown) => {
    if (isImgkitError(error, 'remote-refused')) return undefined;
    throw error;
  });
  if (stat?.size !== undefined && stat.size !== sent) {
    throw new ImgkitError('network-failed', `${session.host}: ${path}: the server confirmed the file, and has ${stat.size} of its ${sent} bytes; run it again.`, { file: `${session.host}${path}`, expected: String(sent), found: String(stat.size) });
  }
}

/** A folder that is not there: RFC 4918 wants 409 for it, and nginx says 500. */
async function folderMissing(session: HttpSession, path: string, status: number, { signal }: WriteOptions): Promise<ImgkitError | undefined> {
  if (session.isSigned(path) || ![404, 409, 500].includes(status)) return undefined;
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  if (folder === '/' || folder === '' || (await statHttp(session, folder, { signal })) !== undefined) return undefined;
  return new ImgkitError('file-not-found', `${session.host}: there is no folder ${folder} at the server; make it, or check the path.`, { file: `${session.host}${folder}` });
}

function mismatch({ host, path }: { readonly host: string; readonly path: string }, what: string): ImgkitError {
  return new ImgkitError('size-mismatch', `${host}: ${path}: there are ${what} that were announced; did the file change meanwhile?`, { file: `${host}${path}` });
}
