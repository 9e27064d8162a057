import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { serve } from '../../network/http-server.js';

/** Serves a folder over HTTP as simple web servers do: a page with the names alone, files with an ETag, 403 for what others may not read. Resolves with its URL. */
export async function serveFolder(t: ExecutionContext, folder: string): Promise<string> {
  const { origin } = await serve(t, (request, response) => {
    const answer = async (): Promise<void> => {
      const name = decodeURIComponent((request.url ?? '/').slice(1));
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        response.writeHead(405).end();
      } else if (name === '') {
        const links = (await readdir(folder)).map((each) => `<a href="${encodeURIComponent(each)}">${each}</a>`);
        response.writeHead(200, { 'content-type': 'text/html' }).end(`<title>Index of /</title>${links.join('')}`);
      } else {
        const path = join(folder, name);
        const { size, mtimeMs, ino, mode } = await stat(path);
        if ((mode & 0o004) === 0) response.writeHead(403).end();
        else response.writeHead(200, { 'content-length': size, etag: `"${ino}-${size}-${mtimeMs}"` }).end(request.method === 'HEAD' ? undefined : await readFile(path));
      }
    };
    answer().catch(() => response.writeHead(404).end());
  });
  return `${origin}/`;
}
