import type { JsonObject, JsonValue } from '../../content/json.js';
import type { RegistryAddress } from '../registry-address.js';
import { changeConfig } from './change-config.js';
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
  // Docker leaves an empty entry for a helper, so that its tools can list where one is logged in.
  let entry: Readonly<Record<string, string>> = {};
  if (helper !== undefined) await storeInHelper(helper, address.serverAddress, { username, secret }, options);
  else entry = username === '<token>' ? { auth: base64(`${username}:`), identitytoken: secret } : { auth: base64(`${username}:${secret}`) };
  await changeConfig(path, (now) => {
    const auths = new Map(objectAt(now, 'auths'));
    for (const key of keysFor(address)) auths.delete(key);
    return new Map(now).set('auths', auths.set(address.serverAddress, new Map(Object.entries(entry))));
  }, options.signal);
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
    const keys = keptKeys(file.content, address);
    if (keys.length === 0) continue;
    await changeConfig(path, (now) => {
      const auths = new Map(objectAt(now, 'auths'));
      for (const key of keptKeys(now, address)) auths.delete(key);
      return new Map(now).set('auths', auths);
    }, options.signal);
    // The empty entries that docker leaves for a helper held nothing.
    if (helper === undefined || keys.some((key) => objectAt(objectAt(file.content, 'auths'), key).size > 0)) forgotten.push(path);
  }
  return forgotten;
}

/** Under which names a file keeps something for this registry. */
function keptKeys(content: JsonObject, address: RegistryAddress): readonly string[] {
  const hosts = new Set(keysFor(address));
  return [...objectAt(content, 'auths').keys()].filter((key) => hosts.has(key) || hosts.has(key.replace(/^https?:\/\//i, '').replace(/\/(?:v[12]\/?)?$/, '')));
}

function targetPath(environment: Environment = process.env): string {
  return environment['REGISTRY_AUTH_FILE'] || dockerConfigPath(environment);
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
