import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { homeFolder } from '../../content/home-folder.js';
import { parseJson, type JsonObject } from '../../content/json.js';
import { fromSystemError, ImgkitError } from '../../errors.js';
import { DEFAULT_LIMITS } from '../../limits.js';

/** Longer files are not read: nobody has that many registries. */
const LONGEST = 4 * 1024 * 1024;

/** A file of registry credentials in Docker's form, as it was read. */
export interface ConfigFile {
  readonly path: string;
  /** Everything in it, unknown keys included, in order. */
  readonly content: JsonObject;
}

/** The process's environment, or a test's. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where `docker login` keeps its credentials: `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`. */
export function dockerConfigPath(environment: Environment = process.env): string {
  return join(environment['DOCKER_CONFIG'] || join(environment['HOME'] || homeFolder(), '.docker'), 'config.json');
}

/**
 * The files that credentials are looked for in, in order: `$REGISTRY_AUTH_FILE` alone when it is set, else Docker's and then those
 * of podman and skopeo (see containers-auth.json(5)): `$XDG_RUNTIME_DIR/containers/auth.json`, or `/run/containers/UID/auth.json`
 * where there is no such folder, as in a container or for root, and `~/.config/containers/auth.json`.
 */
export function configPaths(environment: Environment = process.env): readonly string[] {
  const only = environment['REGISTRY_AUTH_FILE'];
  if (only) return [only];
  const runtime = environment['XDG_RUNTIME_DIR'];
  const config = environment['XDG_CONFIG_HOME'] || join(environment['HOME'] || homeFolder(), '.config');
  const folders = [runtime ? join(runtime, 'containers') : join('/run/containers', String(process.getuid?.() ?? 0)), join(config, 'containers')];
  return [dockerConfigPath(environment), ...folders.map((folder) => join(folder, 'auth.json'))];
}

/** Reads one of them; undefined when it is not there. Throws `document-malformed`, `io-failed`, never repeating its content. */
export async function readConfigFile(path: string): Promise<ConfigFile | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw fromSystemError(error, path, 'reading the registry credentials');
  }
  if (bytes.length > LONGEST) throw unreadable(path, 'it is too large');
  if (bytes.every((byte) => byte <= 0x20)) return { path, content: new Map() };
  let content;
  try {
    content = parseJson(bytes, path, DEFAULT_LIMITS);
  } catch {
    // The parser's own words may show a piece of the file, and so of a secret.
    throw unreadable(path, 'it is not the JSON that docker login writes');
  }
  if (!(content instanceof Map)) throw unreadable(path, 'it holds no object');
  return { path, content: content as JsonObject };
}

/** A member that should be an object; empty when it is not. */
export function objectAt(parent: JsonObject | undefined, key: string): JsonObject {
  const value = parent?.get(key);
  return value instanceof Map ? (value as JsonObject) : new Map();
}

/** A member that should be a string; undefined when it is missing, empty or something else. */
export function stringAt(parent: JsonObject | undefined, key: string): string | undefined {
  const value = parent?.get(key);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function unreadable(path: string, why: string): ImgkitError {
  return new ImgkitError('document-malformed', `${path}: cannot be read as registry credentials, ${why}; mend it, or log in again with it moved away.`, { file: path });
}
