import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sha256 } from './image-builder.js';

/** What a registry was asked. */
export interface Seen {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
}

/** Answers in place of the registry when it returns true. */
export type Hook = (request: IncomingMessage, response: ServerResponse, registry: FakeRegistry) => boolean | Promise<boolean>;

export interface FakeRegistryOptions {
  readonly hook?: Hook;
  /** Lists what is about a manifest by the API, and says so when one is pushed. Default: true. */
  readonly referrersApi?: boolean;
}

/** A small OCI registry in this process, in memory, that does what a test tells it. Only for what real ones cannot be made to do. */
export interface FakeRegistry {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly origin: string;
  /** Everything that was asked, in order. */
  readonly seen: Seen[];
  readonly blobs: Map<string, Buffer>;
  /** By `repository@digest` and `repository:tag`. */
  readonly manifests: Map<string, { readonly mediaType: string; readonly bytes: Buffer }>;
  readonly uploads: Map<string, Buffer>;
  /** `METHOD path` of what was asked, the query left out. */
  asked(): readonly string[];
  close(): Promise<void>;
}

/** Starts one on a free port. The test closes it. */
export async function startFakeRegistry(options: FakeRegistryOptions = {}): Promise<FakeRegistry> {
  // Not the 5 s of Node: on a busy machine they are over just when a connection is used again, which is reset then.
  const server = createServer({ keepAliveTimeout: 60_000 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A test that fails before it closes this would keep its process, and the run, alive for minutes.
  server.unref().on('connection', (socket) => socket.unref());
  const { port } = server.address() as AddressInfo;
  const registry: FakeRegistry = {
    host: `127.0.0.1:${port}`, origin: `http://127.0.0.1:${port}`, seen: [], blobs: new Map(), manifests: new Map(), uploads: new Map(),
    asked: () => registry.seen.map(({ method, url }) => `${method} ${url.split('?')[0] ?? ''}`),
    close: () => end(server),
  };
  server.on('request', (request, response) => {
    registry.seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers });
    void answer(request, response, registry, options).catch(() => response.destroy());
  });
  return registry;
}

function end(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** The bytes of a request; those that came before a broken connection are handed to `keep`. */
async function bodyOf(request: IncomingMessage, keep: (chunk: Buffer) => void): Promise<void> {
  for await (const chunk of request) keep(chunk as Buffer);
}

async function answer(request: IncomingMessage, response: ServerResponse, registry: FakeRegistry, options: FakeRegistryOptions): Promise<void> {
  if ((await options.hook?.(request, response, registry)) === true) return;
  const url = new URL(request.url ?? '/', registry.origin);
  const [, repository = '', kind = '', rest = ''] = /^\/v2\/(.+?)\/(blobs|manifests|tags|referrers)\/(.*)$/.exec(url.pathname) ?? [];
  if (url.pathname === '/v2/') return send(response, 200, '{}');
  if (kind === 'blobs' && rest.startsWith('uploads/')) return upload(request, response, registry, repository, rest.slice(8), url);
  if (kind === 'blobs') return blob(request, response, registry, rest);
  if (kind === 'manifests') return manifest(request, response, registry, `${repository}${rest.includes(':') ? '@' : ':'}${rest}`, repository, options);
  if (kind === 'tags') return send(response, 200, JSON.stringify({ name: repository, tags: [...registry.manifests.keys()].filter((key) => key.startsWith(`${repository}:`)).map((key) => key.slice(repository.length + 1)) }));
  if (kind === 'referrers' && options.referrersApi !== false) return referrers(response, registry, repository, rest);
  return fail(response, 404, 'NOT_FOUND', 'page not found');
}

function referrers(response: ServerResponse, registry: FakeRegistry, repository: string, subject: string): void {
  const manifests = [...registry.manifests].flatMap(([key, { mediaType, bytes }]) => {
    const document = JSON.parse(bytes.toString()) as { subject?: { digest: string }; artifactType?: string };
    return key.startsWith(`${repository}@`) && document.subject?.digest === subject ? [{ mediaType, digest: sha256(bytes), size: bytes.length, artifactType: document.artifactType }] : [];
  });
  send(response, 200, JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests }), { 'content-type': 'application/vnd.oci.image.index.v1+json' });
}

function blob(request: IncomingMessage, response: ServerResponse, registry: FakeRegistry, digest: string): void {
  const bytes = registry.blobs.get(digest);
  if (bytes === undefined) return fail(response, 404, 'BLOB_UNKNOWN', 'blob unknown to registry');
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const part = bytes.subarray(from);
  const range = from === 0 ? {} : { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
  response.writeHead(from === 0 ? 200 : 206, { 'content-length': part.length, ...range });
  response.end(request.method === 'HEAD' ? undefined : part);
}

async function upload(request: IncomingMessage, response: ServerResponse, registry: FakeRegistry, repository: string, id: string, url: URL): Promise<void> {
  const at = (name: string): Record<string, string> => ({ location: `/v2/${repository}/blobs/uploads/${name}`, range: `0-${Math.max(0, (registry.uploads.get(name)?.length ?? 0) - 1)}` });
  if (request.method === 'POST') {
    const mount = url.searchParams.get('mount');
    if (mount !== null && registry.blobs.has(mount)) return send(response, 201, '', { location: `/v2/${repository}/blobs/${mount}` });
    const name = randomUUID();
    registry.uploads.set(name, Buffer.alloc(0));
    return send(response, 202, '', at(name));
  }
  const known = registry.uploads.get(id);
  if (known === undefined) return fail(response, 404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry');
  if (request.method === 'GET') return send(response, 204, '', at(id));
  if (request.method === 'DELETE') {
    registry.uploads.delete(id);
    return send(response, 204, '');
  }
  const start = /^(\d+)-/.exec(request.headers['content-range'] ?? '')?.[1];
  if (start !== undefined && Number(start) !== known.length) return fail(response, 416, 'BLOB_UPLOAD_INVALID', 'wrong offset', at(id));
  await bodyOf(request, (chunk) => {
    const before = registry.uploads.get(id);
    if (before !== undefined) registry.uploads.set(id, Buffer.concat([before, chunk]));
  }).catch(() => undefined);
  if (request.method === 'PATCH') return send(response, 202, '', at(id));
  const bytes = registry.uploads.get(id) ?? known;
  const digest = url.searchParams.get('digest') ?? '';
  if (sha256(bytes) !== digest) return fail(response, 400, 'DIGEST_INVALID', 'provided digest did not match uploaded content');
  registry.blobs.set(digest, bytes);
  registry.uploads.delete(id);
  return send(response, 201, '', { location: `/v2/${repository}/blobs/${digest}` });
}

async function manifest(request: IncomingMessage, response: ServerResponse, registry: FakeRegistry, key: string, repository: string, { referrersApi = true }: FakeRegistryOptions): Promise<void> {
  if (request.method !== 'PUT') {
    const found = registry.manifests.get(key);
    if (found === undefined) return fail(response, 404, 'MANIFEST_UNKNOWN', 'manifest unknown');
    response.writeHead(200, { 'content-type': found.mediaType, 'docker-content-digest': sha256(found.bytes), 'content-length': found.bytes.length });
    response.end(request.method === 'HEAD' ? undefined : found.bytes);
    return;
  }
  const chunks: Buffer[] = [];
  await bodyOf(request, (chunk) => chunks.push(chunk));
  const bytes = Buffer.concat(chunks);
  const document = JSON.parse(bytes.toString()) as { config?: { digest: string }; layers?: { digest: string }[]; manifests?: { digest: string }[]; subject?: { digest: string } };
  const missing = [...(document.config === undefined ? [] : [document.config]), ...(document.layers ?? [])].find(({ digest }) => !registry.blobs.has(digest))
    ?? document.manifests?.find(({ digest }) => !registry.manifests.has(`${repository}@${digest}`));
  if (missing !== undefined) return fail(response, 404, 'MANIFEST_BLOB_UNKNOWN', `blob unknown: ${missing.digest}`);
  const kept = { mediaType: request.headers['content-type'] ?? '', bytes };
  registry.manifests.set(key, kept).set(`${repository}@${sha256(bytes)}`, kept);
  return send(response, 201, '', { 'docker-content-digest': sha256(bytes), ...(referrersApi && document.subject !== undefined ? { 'oci-subject': document.subject.digest } : {}) });
}

/** Ends a response with a status, a body and headers. */
export function send(response: ServerResponse, status: number, body: string | Uint8Array, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers });
  response.end(body);
}

/** Ends a response with an error in the registry's form. */
export function fail(response: ServerResponse, status: number, code: string, message: string, headers: Record<string, string> = {}): void {
  send(response, status, JSON.stringify({ errors: [{ code, message }] }), { 'content-type': 'application/json', ...headers });
}
