import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { inspect as show } from 'node:util';
import test from 'ava';
import { cat, copy, diff, digest, edit, exportImage, extract, fetch, files, flatten, history, inspect, list, load, readRaw, rebase, report, save, send, signImageGpg, squash, verify, watch, type ProgressEvent } from '../../src/index.js';
import { hybridParts, named } from '../helpers/archive-parts.js';
import { image, layer, pack } from '../helpers/image-builder.js';
import { makeScratch } from '../helpers/scratch.js';
import { serve } from '../network/http-server.js';
import { cleanEnvironment } from '../network/open-client.js';

cleanEnvironment();
const scratch = makeScratch();
test.after.always(() => scratch.remove());

const SECRET = 'T0PSECRET';
const app = image('app', { layers: [layer('base', { gzip: true }), layer('app')] });
const bytes = pack(hybridParts([named(app, 'app:1')]));

/** What lies in `/drop/`. */
const DROP: Readonly<Record<string, string>> = { 'a.tar': 'no archive', 'a.tar.sha256': `${createHash('sha256').update('no archive').digest('hex')}  a.tar\n` };

/** Takes what is put to `/put`, gives out the archive at `/good`, the same with a wrong layer at `/damaged`, and a folder at `/drop/`; else it fails as the path says. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const [, kind = '', name = ''] = new URL(request.url ?? '', 'http://x').pathname.split('/');
  request.resume();
  if (kind === 'cut') {
    request.socket.destroy();
    return;
  }
  if (kind === 'drop') {
    if (request.method === 'PROPFIND') response.writeHead(405).end();
    else if (name === '') response.writeHead(200, { 'content-type': 'text/html' }).end(`<title>Index of /drop/</title>${Object.keys(DROP).map((each) => `<a href="${each}">${each}</a>`).join('')}`);
    else response.writeHead(name in DROP ? 200 : 404, { 'content-length': DROP[name]?.length ?? 0, etag: '"1"' }).end(request.method === 'HEAD' ? undefined : DROP[name]);
    return;
  }
  if (/^\d+$/.test(kind)) response.writeHead(Number(kind), { location: request.url ?? '' }).end();
  else if (kind === 'put') response.writeHead(request.method === 'PUT' ? 201 : 403).end();
  else {
    const content = Buffer.from(kind === 'good' ? bytes : bytes.subarray(0, bytes.length - 1024));
    const damaged = content.indexOf('base\nbase\n');
    if (kind === 'damaged' && damaged > 0) content[damaged] = 0;
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const part = from === undefined ? content : content.subarray(Number(from), to ? Number(to) + 1 : undefined);
    response.writeHead(from === undefined ? 200 : 206, { 'content-length': part.length, etag: '"1"', ...(from !== undefined && { 'content-range': `bytes ${from}-${Number(from) + part.length - 1}/${content.length}` }) });
    response.end(request.method === 'HEAD' ? undefined : part);
  }
}

test('the query of a presigned URL is in no result, no progress and no error, nor in what caused it', async (t) => {
  const { origin, requests } = await serve(t, answer);
  const storeFolder = scratch.path('store');
  const file = await scratch.write('app.tar', bytes);
  const told: ProgressEvent[] = [];
  const common = { storeFolder, onProgress: (event: ProgressEvent) => void told.push(event), network: { onWarning: (sentence: string) => void outcomes.push(sentence) } };
  const outcomes: unknown[] = [];
  let failures = 0;
  const run = async (work: Promise<unknown>): Promise<void> => void outcomes.push(await work.catch((error: unknown) => {
    failures += 1;
    return error;
  }));
  for (const kind of ['good', 'damaged', '403', '302']) {
    const url = `${origin}/${kind}/app.tar?X-Amz-Signature=${SECRET}&x=%2F`;
    const at = (name: string): string => scratch.path(`${kind}-${name}`);
    await run(inspect({ ...common, location: url }));
    await run(verify({ ...common, target: url, expect: `sha256:${'0'.repeat(64)}` }));
    await run(load({ ...common, from: url, force: true }));
    if (kind === 'damaged') continue;
    await run(fetch({ ...common, url, output: at('fetched.tar'), retries: 0 }));
    await run(fetch({ ...common, url, output: at('fetched.tar'), acceptUnchecked: true, retries: 0 }));
    await run(send({ ...common, files: [file], to: [url], retries: 0 }));
    await run(save({ ...common, images: [file], output: url }));
    if (kind !== 'good') continue;
    await run(list({ ...common, location: url }));
    await run(history({ ...common, location: `${url}#none:1` }));
    await run(history({ ...common, location: url }));
    await run(digest({ ...common, target: url }));
    await run(copy({ ...common, from: url, to: `oci:${at('layout')}` }));
    await run(extract({ ...common, location: url, to: at('files') }));
    await run(files({ ...common, location: url }));
    await run(cat({ ...common, location: url, path: 'app', stdout: new Writable({ write: (_chunk, _encoding, done) => done() }) }));
    await run(diff({ ...common, old: url, new: url }));
    await run(diff({ ...common, old: url, layer: '9' }));
    await run(exportImage({ ...common, location: url, output: at('rootfs.tar') }));
    await run(report({ ...common, location: url, compare: url, output: at('report.html') }));
    await run(signImageGpg({ ...common, location: url, key: file }));
    await run(readRaw({ ...common, location: url, what: 'config', platform: 'plan9/mips' }));
    await run(edit({ ...common, location: url, to: 'edited:1', labels: new Map([['a', 'b']]), force: true }));
    await run(flatten({ ...common, location: url, to: 'flat:1', force: true }));
    await run(squash({ ...common, location: url, to: 'squashed:1', from: '1', force: true }));
    await run(squash({ ...common, location: url, to: 'squashed:1', from: '2', force: true }));
    await run(rebase({ ...common, location: url, oldBase: url, newBase: url, to: 'rebased:1', force: true }));
  }
  const put = `${origin}/put/app.tar?X-Amz-Signature=${SECRET}`;
  await run(send({ ...common, files: [file], to: [put], retries: 0 }));
  await run(send({ ...common, files: [file, join(scratch.folder, 'none.tar')], to: [put], retries: 0 }));
  await run(save({ ...common, images: [file], output: put, compressArchive: 'gzip' }));
  for (const url of [`${origin}/cut/app.tar?X-Amz-Signature=${SECRET}`, `http://127.0.0.1:1/app.tar?X-Amz-Signature=${SECRET}`]) {
    await run(inspect({ ...common, location: url }));
    await run(save({ ...common, images: [file], output: url }));
  }
  await run(watch({ ...common, url: put, once: true }));
  await run(watch({ ...common, url: `${origin}/drop/?X-Amz-Signature=${SECRET}`, once: true, quarantine: scratch.path('refused'), onEvent: (event) => void outcomes.push(event) }));
  t.like(outcomes.at(-1), { quarantined: 1 });
  outcomes.push(await readFile(scratch.path('refused/a.tar.reason.json'), 'utf8'));
  await run(watch({ ...common, url: `${origin}/404/?X-Amz-Signature=${SECRET}`, once: true, onEvent: (event) => void outcomes.push(event) }));
  t.true(requests.filter(({ url }) => url?.includes(SECRET)).length > 30, 'the server got it');
  t.true(failures > 10 && failures < outcomes.length - 10 && told.length > 5, `${failures} of ${outcomes.length}, ${told.length}`);
  const lines = [...outcomes, ...told].flatMap((outcome) => show(outcome, { depth: 12, maxStringLength: null, maxArrayLength: null, showHidden: true }).split('\n'));
  t.deepEqual(lines.filter((line) => line.includes(SECRET)), []);
});
