import { ImgkitError } from '../errors.js';
import { bodyText, type EngineClient } from './engine-client.js';

/** Characters of the engine's own words that are passed on. */
const LONGEST_REASON = 500;

/** An image that is not there, in the words of docker and of podman, whatever the status. */
const MISSING = /no such image|reference does not exist|image not known/i;

/** Seconds that a `Date` can still hold; no image has as many bytes. */
const MOST_NUMBER = 8.64e12;

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
  return value.map((each) => {
    const item = members(client, each);
    return {
      id: stringIn(client, item, 'Id'),
      names: (Array.isArray(item['RepoTags']) ? item['RepoTags'] : []).filter((tag: unknown): tag is string => typeof tag === 'string' && tag !== '<none>:<none>'),
      created: numberIn(client, item, 'Created'),
      size: numberIn(client, item, 'Size'),
    };
  });
}

/** The newest API version that the engine speaks, as in `1.41`. */
export async function engineApiVersion(client: EngineClient, signal?: AbortSignal): Promise<string> {
  return stringIn(client, members(client, await readJson(client, '/version', signal)), 'ApiVersion');
}

/** The ID of the image that the engine calls `name`, or undefined. */
export async function engineImageId(client: EngineClient, name: string, signal?: AbortSignal): Promise<string | undefined> {
  const response = await client.request({ method: 'GET', path: `/images/${encodeURIComponent(name)}/json`, signal });
  const body = await bodyText(response);
  if (response.status === 404) return undefined;
  if (response.status !== 200) throw failed(client, `answered ${response.status} for ${name}: ${reason(body)}`);
  return stringIn(client, members(client, parsed(client, body)), 'Id');
}

/**
 * GET /images/get: a docker archive of the named images, as the engine makes it. Throws `image-not-found` with its reason.
 * The stream must be read to its end.
 */
export async function exportEngineImages(client: EngineClient, names: readonly string[], signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const query = names.map((name) => `names=${encodeURIComponent(name)}`).join('&');
  const response = await client.request({ method: 'GET', path: `/images/get?${query}`, signal });
  if (response.status === 200) return response.body;
  const text = reason(await bodyText(response));
  if (response.status === 404 || MISSING.test(text)) {
    throw new ImgkitError('image-not-found', `The Docker engine has no image ${names.join(', ')} (${text}); \`imgkit list docker-daemon:\` shows what it has.`, { file: client.address.text });
  }
  throw failed(client, `could not export ${names.join(', ')}: ${text}`);
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
  return parsed(client, text);
}

function parsed(client: EngineClient, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw failed(client, 'sent what is no JSON, as something else at its address would');
  }
}

function members(client: EngineClient, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw failed(client, 'sent JSON that is no object where one belongs');
  return value as Readonly<Record<string, unknown>>;
}

function stringIn(client: EngineClient, item: Readonly<Record<string, unknown>>, key: string): string {
  const value = item[key];
  if (typeof value !== 'string') throw failed(client, `sent no ${key} where one belongs`);
  return value;
}

function numberIn(client: EngineClient, item: Readonly<Record<string, unknown>>, key: string): number {
  const value = item[key];
  if (typeof value !== 'number' || Math.abs(value) > MOST_NUMBER) throw failed(client, `sent no ${key} where one belongs`);
  return value;
}

function reason(text: string): string {
  try {
    const { message, error } = JSON.parse(text) as { message?: unknown; error?: unknown };
    const words = [message, error].find((part) => typeof part === 'string') as string | undefined;
    return (words ?? text.trim()).slice(0, LONGEST_REASON);
  } catch {
    return text.trim().slice(0, LONGEST_REASON);
  }
}

function failed(client: EngineClient, what: string): ImgkitError {
  const remedy = what.includes('HTTP request to an HTTPS server') ? 'set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the folder of ca.pem, cert.pem and key.pem' : 'its log may say more';
  return new ImgkitError('engine-failed', `The Docker engine at ${client.address.text} ${what.replace(/\.$/, '')}; ${remedy}.`, { file: client.address.text });
}
