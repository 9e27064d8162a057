import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import { own, type LentChunk } from '../content/lent-chunk.js';
import { ImgkitError } from '../errors.js';
import { exchange } from '../network/http-exchange.js';
import { lendingConnector } from '../network/lending-connector.js';
import { loadAgent } from '../network/load-agent.js';
import { certificateProblem, handshakeProblem } from '../network/tls-error.js';
import type { EngineAddress } from './engine-address.js';
import { findEngine } from './find-engine.js';

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
  /** One request; resolves with any status. Throws `engine-unreachable`, saying what to check; the body throws `engine-failed` when it breaks off. */
  request(request: EngineRequest): Promise<EngineResponse>;
  close(): Promise<void>;
}

/**
 * A client for the engine at `at`, by default the one that {@link findEngine} finds; connects on the first request. Throws
 * `file-not-found`, `key-malformed`, `key-exposed` for the files of a TLS connection.
 */
export async function connectEngine(at?: EngineAddress): Promise<EngineClient> {
  const address = at ?? (await findEngine());
  const { Agent, buildConnector } = await loadAgent();
  const tunnel = address.ssh === undefined ? undefined : await (await import('./ssh-tunnel.js')).openSshTunnel(address.ssh);
  const socketPath = tunnel?.socketPath ?? address.socketPath;
  const connect = address.certificates !== undefined ? await tlsOptions(address.certificates) : socketPath === undefined ? {} : { socketPath };
  const connecting = new Set<Socket>();
  // An export or load may be silent for long while the engine works on its disk.
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: lendingConnector(buildConnector, connect, connecting) });
  return {
    address,
    async request({ method, path, body, headers, signal }) {
      try {
        // undici takes an async iterable as a body, though its types do not say so.
        const answer = await exchange(agent, { origin: address.origin, method, path, body: (body ?? null) as NonNullable<Dispatcher.DispatchOptions['body']> | null, headers: headers ?? {} }, signal);
        return { status: answer.status, body: bodyOf(answer, address, signal) };
      } catch (error) {
        throw signal?.aborted === true ? stopped(address, error) : unreachable(address, error, tunnel?.lastWords());
      }
    },
    async close() {
      await agent.destroy();
      for (const socket of connecting) socket.destroy();
      await tunnel?.close();
    },
  };
}

/** A body that fails in words. */
async function* bodyOf(body: AsyncIterable<LentChunk>, address: EngineAddress, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const chunk of body) yield own(chunk);
  } catch (cause) {
    if (signal?.aborted === true) throw stopped(address, cause);
    throw new ImgkitError('engine-failed', `The Docker engine at ${address.text} broke off in the middle of its answer (${(cause as Error).message}); look at its log and run it again.`, { file: address.text }, { cause });
  }
}

function stopped({ text }: EngineAddress, cause: unknown): ImgkitError {
  return new ImgkitError('interrupted', `Stopped while talking to the Docker engine at ${text}.`, {}, { cause });
}

/** `ca.pem`, `cert.pem` and `key.pem`, each where it is there, as the docker command takes them. */
async function tlsOptions(folder: string): Promise<object> {
  const [{ access }, { join }, { readCertificateFiles }, { trustContext }] = await Promise.all([import('node:fs/promises'), import('node:path'), import('../network/certificate-files.js'), import('../network/trust-context.js')]);
  const found = async (name: string): Promise<string | undefined> => access(join(folder, name)).then(() => join(folder, name), () => undefined);
  return { secureContext: trustContext(await readCertificateFiles({ ca: await found('ca.pem'), clientCert: await found('cert.pem'), clientKey: await found('key.pem') })) };
}

/** Of a connection that was there. */
const BROKEN: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

function unreachable({ text, ssh, certificates }: EngineAddress, error: unknown, words: string | undefined): unknown {
  // An error of the body's own source (a damaged blob, a full disk) is not the engine's fault.
  if (error instanceof ImgkitError) return error;
  const { code = '' } = error as NodeJS.ErrnoException;
  const reason = certificates === undefined ? undefined : certificateProblem(code)?.reason;
  if (reason !== undefined) {
    return new ImgkitError('host-untrusted', `The Docker engine at ${text} has a certificate that does not verify: ${reason}; put the certificate of the CA that signed it into ${certificates}/ca.pem.`, { file: text }, { cause: error });
  }
  if (ssh === undefined && certificates === undefined && BROKEN.has(code)) {
    return new ImgkitError('engine-failed', `The Docker engine at ${text} closed the connection before it answered; look at its log and run it again.`, { file: text }, { cause: error });
  }
  const why = code === 'ENOENT' ? 'there is no such socket; is the engine running?'
    : code === 'EACCES' ? 'permission denied; are you in the group of the socket?'
    : code === 'ECONNREFUSED' ? 'nothing listens there; is the engine running?'
    : ssh !== undefined ? `${words || 'ssh ended'}; \`${sshCommand(ssh)} docker version\` must work.`
    : certificates !== undefined ? `${withoutTls(certificates, error as Error)}.`
    : `${(error as Error).message}.`;
  return new ImgkitError('engine-unreachable', `The Docker engine at ${text} cannot be reached: ${why} Set DOCKER_HOST to its address.`, { file: text }, { cause: error });
}

function withoutTls(certificates: string, error: Error): string {
  const problem = handshakeProblem((error as NodeJS.ErrnoException).code ?? '', error.message);
  if (problem?.login === true) return `it wants another client certificate: put the right one into ${certificates}/cert.pem, and its key into key.pem`;
  // OpenSSL's own words have the line of its source in them.
  return problem === undefined ? error.message : `${problem.reason}, or unset DOCKER_TLS_VERIFY`;
}

function sshCommand({ user, host, port }: NonNullable<EngineAddress['ssh']>): string {
  return `ssh ${port === undefined ? '' : `-p ${port} `}${user === undefined ? '' : `${user}@`}${host}`;
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
