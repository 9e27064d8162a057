import { createHash } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { homeFolder } from '../content/home-folder.js';
import { parseJson, type JsonValue } from '../content/json.js';
import { fromSystemError, ImgkitError } from '../errors.js';
import { DEFAULT_LIMITS } from '../limits.js';
import { DEFAULT_ENGINE, engineAddress, type EngineAddress } from './engine-address.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The engine that the docker command would take: that of `DOCKER_HOST`; else of the context that `DOCKER_CONTEXT` or `currentContext` of
 * Docker's config.json names (`docker context use`), with its certificates; else the usual socket. Throws `location-invalid` for
 * a context that is not there, `location-unsupported`, `document-malformed`, `io-failed`.
 */
export async function findEngine(environment: Environment = process.env): Promise<EngineAddress> {
  const host = environment['DOCKER_HOST'];
  if (host) return engineAddress(host);
  const folder = environment['DOCKER_CONFIG'] || join(environment['HOME'] || homeFolder(), '.docker');
  const name = environment['DOCKER_CONTEXT'] || (await textAt(join(folder, 'config.json'), ['currentContext'])) || 'default';
  return name === 'default' ? engineAddress(DEFAULT_ENGINE) : contextAddress(folder, name);
}

/** A context lies in folders that are named after the hash of its name (docker/cli, cli/context/store). */
async function contextAddress(folder: string, name: string): Promise<EngineAddress> {
  const id = createHash('sha256').update(name).digest('hex');
  const from = `the context ${JSON.stringify(name.slice(0, 80))}`;
  const meta = join(folder, 'contexts', 'meta', id, 'meta.json');
  const endpoint = await valueAt(meta, ['Endpoints', 'docker']);
  if (endpoint === undefined) throw new ImgkitError('location-invalid', `Docker has no ${from.slice(4)}, or none with an engine; \`docker context ls\` lists them, DOCKER_CONTEXT or DOCKER_HOST name another.`, { file: meta });
  if (endpoint instanceof Map && endpoint.get('SkipTLSVerify') === true) {
    throw new ImgkitError('location-unsupported', `The Docker engine of ${from} is to be believed without a look at its certificate, which is not done here; give the context its CA, or set DOCKER_HOST.`, { file: meta });
  }
  const certificates = join(folder, 'contexts', 'tls', id, 'docker');
  const isTls = await access(certificates).then(() => true, () => false);
  return engineAddress((await textAt(meta, ['Endpoints', 'docker', 'Host'])) || DEFAULT_ENGINE, { certificates: isTls ? certificates : undefined, from });
}

async function textAt(path: string, keys: readonly string[]): Promise<string | undefined> {
  const value = await valueAt(path, keys);
  return typeof value === 'string' ? value : undefined;
}

/** What a JSON file holds under nested keys; undefined when it, or the file, is not there. */
async function valueAt(path: string, keys: readonly string[]): Promise<JsonValue | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // As docker does: who may not read the configuration has none.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return undefined;
    throw fromSystemError(error, path, 'looking for the Docker engine');
  }
  if (bytes.every((byte) => byte <= 0x20)) return undefined;
  let value: JsonValue | undefined;
  try {
    value = parseJson(bytes, path, DEFAULT_LIMITS);
  } catch {
    // The parser's own words may show a piece of a login.
    throw new ImgkitError('document-malformed', `${path}: is not the JSON that docker writes; mend it, or set DOCKER_HOST to the address of the engine.`, { file: path });
  }
  for (const key of keys) value = value instanceof Map ? (value as ReadonlyMap<string, JsonValue>).get(key) : undefined;
  return value;
}
