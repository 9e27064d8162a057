import { ImgkitError } from '../errors.js';

/** Where a Docker Engine listens. */
export interface EngineAddress {
  /** As in DOCKER_HOST. */
  readonly text: string;
  readonly origin: string;
  readonly socketPath?: string;
}

const DEFAULT_HOST = 'unix:///var/run/docker.sock';

/** Reads an address as DOCKER_HOST spells it: `unix:///path` or `tcp://host:port`. Throws `location-unsupported`. */
export function engineAddress(text = process.env['DOCKER_HOST'] || DEFAULT_HOST): EngineAddress {
  if (text.startsWith('unix://')) return { text, origin: 'http://docker', socketPath: text.slice('unix://'.length) };
  if (text.startsWith('tcp://') && !process.env['DOCKER_TLS_VERIFY']) return { text, origin: `http://${text.slice('tcp://'.length)}` };
  throw new ImgkitError('location-unsupported', `The Docker engine address ${JSON.stringify(text)} (DOCKER_HOST) is not supported: use unix:///path/to/docker.sock, or tcp://HOST:PORT without TLS.`, { file: text });
}

export interface EngineResponse {
  readonly status: number;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface EngineRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: AsyncIterable<Uint8Array> | undefined;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal | undefined;
}

/** Speaks the Docker Engine HTTP API over its socket. Close it when done. */
export interface EngineClient {
  readonly address: EngineAddress;
  /** One request; resolves with any status. Throws `engine-unreachable`, saying what to check. */
  request(request: EngineRequest): Promise<EngineResponse>;
  close(): Promise<void>;
}

/** A client for the engine at `address`; connects on the first request. */
export async function connectEngine(address: EngineAddress = engineAddress()): Promise<EngineClient> {
  const { Agent } = await import('undici');
  // An export or load may be silent for long while the engine works on its disk.
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: address.socketPath === undefined ? {} : { socketPath: address.socketPath } });
  return {
    address,
    async request({ method, path, body, headers, signal }) {
      try {
        const response = await agent.request({ origin: address.origin, method, path, body: body === undefined ? null : await readable(body), headers: headers ?? {}, signal: signal ?? null });
        return { status: response.statusCode, body: response.body };
      } catch (error) {
        throw signal?.aborted === true ? new ImgkitError('interrupted', 'Interrupted.', {}, { cause: error }) : unreachable(address, error);
      }
    },
    close: () => agent.destroy(),
  };
}

async function readable(chunks: AsyncIterable<Uint8Array>): Promise<import('node:stream').Readable> {
  const { Readable } = await import('node:stream');
  return Readable.from(chunks, { objectMode: false, highWaterMark: 1 << 20 });
}

function unreachable({ text }: EngineAddress, error: unknown): unknown {
  // An error of the body's own source (a damaged blob, a full disk) is not the engine's fault.
  if (error instanceof ImgkitError) return error;
  const { code } = error as NodeJS.ErrnoException;
  const why = code === 'ENOENT' ? 'there is no such socket; is the engine running?'
    : code === 'EACCES' ? 'permission denied; are you in the group of the socket?'
    : code === 'ECONNREFUSED' ? 'nothing listens there; is the engine running?'
    : (error as Error).message;
  return new ImgkitError('engine-unreachable', `The Docker engine at ${text} cannot be reached: ${why} Set DOCKER_HOST to its address.`, { file: text }, { cause: error });
}

/** The whole body as text, at most 1 MiB of it. */
export async function bodyText({ body }: EngineResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size <= 1 << 20) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
