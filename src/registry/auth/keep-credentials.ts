import { mkdir, open, realpath, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../../content/sync-folder.js';
import { plainJson } from '../../content/json-plain.js';
import type { JsonObject, JsonValue } from '../../content/json.js';
import { newPartPath, removeDeadParts } from '../../content/part-file.js';
import { writeFully } from '../../content/write-fully.js';
import { fromSystemError } from '../../errors.js';
import type { RegistryAddress } from '../registry-address.js';
import { configPaths, dockerConfigPath, objectAt, readConfigFile, type Environment } from './config-file.js';
import { eraseFromHelper, storeInHelper } from './credential-helper.js';
import { helperFor, keysFor } from './find-credentials.js';

export interface KeepOptions {
  readonly environment?: Environment | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Where credentials were put. */
export interface Kept {
  /** A file, or the name of a helper's program. */
  readonly where: string;
  /** In a file they are readable for whoever reads the file; a helper may protect them. */
  readonly protectedByHelper: boolean;
}

/**
 * Keeps credentials as `docker login` does: in the helper that the config names for this registry, else in the file itself
 * (0600, replaced atomically, everything else in it kept). Throws `login-failed`, `document-malformed`, `io-failed`.
 */
export async function keepCredentials(address: RegistryAddress, { username, secret }: { readonly username: string; readonly secret: string }, options: KeepOptions = {}): Promise<Kept> {
  const path = targetPath(options.environment);
  const content = (await readConfigFile(path))?.content ?? new Map<string, JsonValue>();
  const helper = helperFor(content, address);
  const auths = new Map(objectAt(content, 'auths'));
  for (const key of keysFor(address)) auths.delete(key);
  if (helper !== undefined) {
    await storeInHelper(helper, address.serverAddress, { username, secret }, options);
    // Docker leaves an empty entry, so that its tools can list where one is logged in.
    auths.set(address.serverAddress, new Map());
  } else {
    const entry = username === '<token>' ? { auth: base64(`${username}:`), identitytoken: secret } : { auth: base64(`${username}:${secret}`) };
    auths.set(address.serverAddress, new Map(Object.entries(entry)));
  }
  await replaceConfig(path, new Map(content).set('auths', auths));
  return helper === undefined ? { where: path, protectedByHelper: false } : { where: `docker-credential-${helper}`, protectedByHelper: true };
}

/** Forgets what is kept for this registry, in every file and helper that would be asked. Returns where something was. */
export async function forgetCredentials(address: RegistryAddress, options: KeepOptions = {}): Promise<readonly string[]> {
  const forgotten: string[] = [];
  for (const path of configPaths(options.environment)) {
    const file = await readConfigFile(path);
    if (file === undefined) continue;
    const helper = helperFor(file.content, address);
    if (helper !== undefined && (await eraseFromHelper(helper, address.serverAddress, options))) forgotten.push(`docker-credential-${helper}`);
    const auths = new Map(objectAt(file.content, 'auths'));
    const hosts = new Set(keysFor(address));
    const gone = [...auths.keys()].filter((key) => hosts.has(key) || hosts.has(key.replace(/^https?:\/\//i, '').replace(/\/(?:v[12]\/?)?$/, '')));
    if (gone.length === 0) continue;
    for (const key of gone) auths.delete(key);
    await replaceConfig(path, new Map(file.content).set('auths', auths));
    if (helper === undefined) forgotten.push(path);
  }
  return forgotten;
}

function targetPath(environment: Environment = process.env): string {
  return environment['REGISTRY_AUTH_FILE'] || dockerConfigPath(environment);
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

/** Indented with tabs, as docker writes it. A link to the file stays a link. */
async function replaceConfig(path: string, content: JsonObject): Promise<void> {
  const bytes = Buffer.from(`${JSON.stringify(plainJson(content), null, '\t')}\n`);
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const real = await realpath(path).catch(() => path);
    await removeDeadParts(real);
    const temp = await newPartPath(real);
    const handle = await open(temp, 'wx', 0o600);
    try {
      await writeFully(handle, bytes, 0, path);
      await handle.sync();
      await handle.close();
      await rename(temp, real);
    } catch (error) {
      await handle.close().catch(() => undefined);
      await unlink(temp).catch(() => undefined);
      throw error;
    }
    await syncFolder(dirname(real));
  } catch (error) {
    throw fromSystemError(error, path, 'keeping the registry credentials');
  }
}
