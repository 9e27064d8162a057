import type { JsonObject } from '../../content/json.js';
import { ImgkitError } from '../../errors.js';
import type { RegistryAddress } from '../registry-address.js';
import { configPaths, objectAt, readConfigFile, stringAt, type ConfigFile, type Environment } from './config-file.js';
import { getFromHelper } from './credential-helper.js';
import { credentialsFrom, type Credentials, type FindCredentials } from './credentials.js';

/**
 * Finds credentials as docker, podman and skopeo do: in each file of {@link configPaths}, first the helper for this registry,
 * then the helper for all, then the entries of `auths`. An entry for a namespace (`quay.io/team`) wins over one for the host.
 */
export function createCredentialFinder({ environment = process.env, signal }: { readonly environment?: Environment; readonly signal?: AbortSignal | undefined } = {}): FindCredentials {
  return async (address, repository = '') => {
    for (const path of configPaths(environment)) {
      const file = await readConfigFile(path);
      const found = file && (await findIn(file, address, repository, { environment, signal }));
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

async function findIn(file: ConfigFile, address: RegistryAddress, repository: string, options: { readonly environment: Environment; readonly signal: AbortSignal | undefined }): Promise<Credentials | undefined> {
  const helper = helperFor(file.content, address);
  const kept = helper === undefined ? undefined : await getFromHelper(helper, address.serverAddress, options);
  if (kept !== undefined) return kept;
  for (const key of keysFor(address, repository)) {
    const found = fromEntry(entryOf(objectAt(file.content, 'auths'), key), file.path);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The helper that keeps the credentials of this registry: `credHelpers` for the one, where an empty name means none, else `credsStore` for all. */
export function helperFor(content: JsonObject, address: RegistryAddress): string | undefined {
  const helpers = objectAt(content, 'credHelpers');
  const own = [address.name, address.host, address.serverAddress].find((key) => helpers.has(key));
  return own === undefined ? stringAt(content, 'credsStore') : stringAt(helpers, own);
}

/** The keys an entry of `auths` may have, the closest first. */
export function keysFor(address: RegistryAddress, repository = ''): readonly string[] {
  const parts = repository === '' ? [] : repository.split('/');
  const namespaces = parts.map((_, i) => `${address.name}/${parts.slice(0, parts.length - i).join('/')}`);
  return [...new Set([...namespaces, address.serverAddress, address.name, address.host])];
}

/** Old versions of docker and users write a scheme or a path around the host: `https://registry.example/v2/`. */
function entryOf(auths: JsonObject, key: string): JsonObject | undefined {
  const exact = auths.get(key);
  if (exact instanceof Map) return exact as JsonObject;
  if (/^https?:/.test(key)) return undefined;
  for (const [other, entry] of auths) {
    if (entry instanceof Map && other.replace(/^https?:\/\//i, '').replace(/\/(?:v[12]\/?)?$/, '').toLowerCase() === key) return entry as JsonObject;
  }
  return undefined;
}

function fromEntry(entry: JsonObject | undefined, path: string): Credentials | undefined {
  const registryToken = stringAt(entry, 'registrytoken');
  if (registryToken !== undefined) return { kind: 'registry-token', token: registryToken };
  const identityToken = stringAt(entry, 'identitytoken');
  if (identityToken !== undefined) return { kind: 'identity-token', token: identityToken };
  const auth = stringAt(entry, 'auth');
  if (auth === undefined) {
    const [username, password] = [stringAt(entry, 'username'), stringAt(entry, 'password')];
    return username === undefined || password === undefined ? undefined : credentialsFrom(username, password);
  }
  const text = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '');
  const colon = text.indexOf(':');
  if (colon <= 0) throw new ImgkitError('login-failed', `${path}: an entry of auths is not the base64 of USER:PASSWORD; log in again.`, { file: path });
  return credentialsFrom(text.slice(0, colon), text.slice(colon + 1));
}
