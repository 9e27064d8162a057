import { ImgkitError } from '../errors.js';
import { bodyText, type EngineClient, type EngineResponse } from './engine-client.js';

/** One image as the engine lists it. */
export interface EngineImage {
  /** The image ID: the config's digest, or the manifest's with the containerd image store. */
  readonly id: string;
  readonly names: readonly string[];
  /** Seconds since 1970. */
  readonly created: number;
  readonly size: number;
}

/** GET /images/json. Throws `engine-failed`, `engine-unreachable`. */
export async function listEngineImages(client: EngineClient, signal?: AbortSignal): Promise<readonly EngineImage[]> {
  const value = await readJson(client, '/images/json', signal);
  if (!Array.isArray(value)) throw failed(client, 'sent a list of images that is no list');
  return value.map((item: Record<string, unknown>) => ({
    id: String(item['Id']),
    names: (Array.isArray(item['RepoTags']) ? item['RepoTags'] : []).filter((tag: unknown): tag is string => typeof tag === 'string' && tag !== '<none>:<none>'),
    created: Number(item['Created']),
    size: Number(item['Size']),
  }));
}

/** The newest API version that the engine speaks, as in `1.41`. */
export async function engineApiVersion(client: EngineClient, signal?: AbortSignal): Promise<string> {
  const version = (await readJson(client, '/version', signal)) as Record<string, unknown>;
  return String(version['ApiVersion']);
}

/** The ID of the image that the engine calls `name`, or undefined. */
export async function engineImageId(client: EngineClient, name: string, signal?: AbortSignal): Promise<string | undefined> {
  const response = await client.request({ method: 'GET', path: `/images/${encodeURIComponent(name)}/json`, signal });
  const text = await bodyText(response);
  if (response.status === 404) return undefined;
  if (response.status !== 200) throw failed(client, `answered ${response.status} for ${name}: ${reason(text)}`);
  return String((JSON.parse(text) as Record<string, unknown>)['Id']);
}

/**
 * GET /images/get: a docker archive of the named images, as the engine makes it. Throws `image-not-found` with its reason.
 * The stream must be read to its end.
 */
export async function exportEngineImages(client: EngineClient, names: readonly string[], signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const query = names.map((name) => `names=${encodeURIComponent(name)}`).join('&');
  const response = await client.request({ method: 'GET', path: `/images/get?${query}`, signal });
  if (response.status === 200) return exported(client, response);
  const text = reason(await bodyText(response));
  if (response.status === 404 || /no such image|reference does not exist/i.test(text)) {
    throw new ImgkitError('image-not-found', `The Docker engine has no image ${names.join(', ')} (${text}).`, { file: client.address.text });
  }
  throw failed(client, `could not export ${names.join(', ')}: ${text}`);
}

async function* exported(client: EngineClient, { body }: EngineResponse): AsyncIterable<Uint8Array> {
  try {
    yield* body;
  } catch (cause) {
    throw new ImgkitError('engine-failed', `The Docker engine at ${client.address.text} broke the export off (${(cause as Error).message}); nothing was kept.`, { file: client.address.text }, { cause });
  }
}

/** POST /images/load. Resolves when the engine has loaded everything; throws `engine-failed` with its reason. */
export async function loadIntoEngine(client: EngineClient, archive: AsyncIterable<Uint8Array>, size: number, signal?: AbortSignal): Promise<void> {
  const headers = { 'content-type': 'application/x-tar', 'content-length': String(size) };
  const response = await client.request({ method: 'POST', path: '/images/load?quiet=1', body: archive, headers, signal });
  const text = await bodyText(response);
  const error = response.status === 200 ? streamedError(text) : reason(text);
  if (error !== undefined) throw failed(client, `refused the archive: ${error}`);
}

/** The engine answers 200 and puts a later failure into its stream of JSON lines. */
function streamedError(text: string): string | undefined {
  for (const line of text.split('\n')) {
    const message = line.includes('"error"') ? reason(line) : undefined;
    if (message !== undefined) return message;
  }
  return undefined;
}

async function readJson(client: EngineClient, path: string, signal?: AbortSignal): Promise<unknown> {
  const response = await client.request({ method: 'GET', path, signal });
  const text = await bodyText(response);
  if (response.status !== 200) throw failed(client, `answered ${response.status}: ${reason(text)}`);
  return JSON.parse(text);
}

function reason(text: string): string {
  try {
    const { message, error } = JSON.parse(text) as { message?: string; error?: string };
    return message ?? error ?? text.trim();
  } catch {
    return text.trim().slice(0, 500);
  }
}

function failed(client: EngineClient, what: string): ImgkitError {
  return new ImgkitError('engine-failed', `The Docker engine at ${client.address.text} ${what}.`, { file: client.address.text });
}
