import { hidePassword } from '../../content/hide-password.js';
import { ImgkitError } from '../../errors.js';
import type { RegistryAddress } from '../registry-address.js';

/** Where bearer tokens come from, and whether it may learn the credentials. */
export interface TokenRealm {
  readonly url: URL;
  /** False: only an anonymous token may be asked for there. */
  readonly trusted: boolean;
}

/** Docker Hub's token server is on another host than its registry, for everyone and since 2014. */
const WELL_KNOWN: ReadonlyMap<string, string> = new Map([['docker.io', 'https://auth.docker.io']]);

/**
 * Judges the realm that a registry sends its clients to. Credentials belong to one origin: they go to the registry's own, to the
 * well-known one of Docker Hub, and to `trustedRealms`. Any other https origin is asked without them, which public images need
 * and which gives nothing away. Throws `remote-refused` for a realm that is no URL, holds a user name, or is not https; `usage` as {@link originOf}.
 */
export function judgeRealm(realm: string, registryOrigin: string, address: RegistryAddress, trustedRealms: readonly string[] = []): TokenRealm {
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  const refuse = (why: string): never => {
    throw new ImgkitError('remote-refused', `${address.name}: sends its clients for a token to ${JSON.stringify(realm.slice(0, 200))}, ${why}; nothing was sent there.`, { file: address.name, found: realm.slice(0, 200) });
  };
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) return refuse('which is not a web address; ask its owner');
  if (url.username !== '' || url.password !== '') return refuse('an address with a user name in it; ask its owner');
  const trusted = url.origin === registryOrigin || WELL_KNOWN.get(address.name) === url.origin || trustedRealms.some((each) => originOf(each) === url.origin);
  if (!trusted && url.protocol === 'http:') return refuse(`which has no TLS; name ${url.origin} as --trust-realm if that is meant to be`);
  return { url, trusted };
}

/** The origin that the user trusts: `https://` may be left out. Throws `usage` for what is none. */
export function originOf(text: string): string {
  const full = text.includes('://') ? text : `https://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (url === undefined || !/^https?:\/\/[^*]+$/.test(url.origin)) throw new ImgkitError('usage', `--trust-realm: ${JSON.stringify(hidePassword(text))} is not the origin of a server: write https://HOST[:PORT].`);
  return url.origin;
}
