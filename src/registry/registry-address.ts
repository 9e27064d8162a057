import { hidePassword } from '../content/hide-password.js';
import { ImgkitError } from '../errors.js';

/** Where a registry is. Immutable. */
export interface RegistryAddress {
  /** As in a reference: `docker.io`, `localhost:5000`. */
  readonly name: string;
  /** `host[:port]` that is connected to. */
  readonly host: string;
  /** Before the repository at this registry; only mirrors have one: `hub/`. */
  readonly prefix: string;
  /** The user named it as insecure: no TLS, or a certificate that does not verify. */
  readonly insecure: boolean;
  /** The key of its credentials in Docker's config.json and for credential helpers. */
  readonly serverAddress: string;
}

const DOCKER_HUB = 'docker.io';
const DOCKER_HUB_HOST = 'registry-1.docker.io';
const DOCKER_HUB_KEY = 'https://index.docker.io/v1/';
const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[a-f0-9:]+\])(?::\d{1,5})?$/;
const PREFIX = /^[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$/;

/**
 * The address of the registry that a reference calls `name`. `insecureRegistries` are `host[:port]`, as the user wrote them. Throws `location-invalid`
 * for a name that no host can have, `usage` for what is no host among the others.
 */
export function registryAddress(name: string, insecureRegistries: readonly string[] = []): RegistryAddress {
  const lower = name.toLowerCase();
  const isHub = lower === DOCKER_HUB || lower === 'index.docker.io' || lower === DOCKER_HUB_HOST;
  const host = isHub ? DOCKER_HUB_HOST : lower;
  if (!URL.canParse(`https://${host}/`)) throw new ImgkitError('location-invalid', `No registry can be at ${JSON.stringify(name)}: a port is at most 65535, and four numbers with dots are at most 255 each; check host and port.`, { file: name });
  const insecure = insecureRegistries.map((each) => hostIn(each, '--insecure-registry: ')).some((each) => each === lower || each === host);
  return { name: isHub ? DOCKER_HUB : lower, host, prefix: '', insecure, serverAddress: isHub ? DOCKER_HUB_KEY : lower };
}

/** A mirror as the user wrote it: `host[:port][/prefix]`. Throws `usage`. */
export function mirrorAddress(text: string, insecureRegistries: readonly string[] = []): RegistryAddress {
  const slash = text.indexOf('/');
  const [host, prefix] = slash === -1 ? [text, ''] : [text.slice(0, slash), text.slice(slash + 1).replace(/\/$/, '')];
  if (!HOST.test(host.toLowerCase()) || (prefix !== '' && !PREFIX.test(prefix))) throw new ImgkitError('usage', `--mirror: ${JSON.stringify(hidePassword(text))} is not HOST[:PORT][/PREFIX].`);
  return { ...registryAddress(host, insecureRegistries), prefix: prefix === '' ? '' : `${prefix}/` };
}

/** A registry as `login` takes it: `host[:port]`, also with the scheme that Docker's documentation writes. Throws `usage`. */
export function loginAddress(text: string, insecureRegistries: readonly string[] = []): RegistryAddress {
  return registryAddress(hostIn(text, ''), insecureRegistries);
}

function hostIn(text: string, option: string): string {
  const host = text.toLowerCase().replace(/^https?:\/\//, '').replace(/\/(?:v[12]\/?)?$/, '');
  if (!HOST.test(host)) throw new ImgkitError('usage', `${option}${JSON.stringify(hidePassword(text))} is not the host of a registry: write HOST[:PORT].`);
  return host;
}
