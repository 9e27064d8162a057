import type { RegistryAddress } from '../registry-address.js';

/** What proves who asks. Held in memory only; never part of an error or a log. */
export type Credentials =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** An OAuth refresh token, which Docker calls an identity token (the user name of such an entry is `<token>`). */
  | { readonly kind: 'identity-token'; readonly token: string }
  /** A bearer token that is sent as it is (`registrytoken` of a config file). */
  | { readonly kind: 'registry-token'; readonly token: string };

/** Finds the credentials for a registry; undefined when there are none. `repository` lets an entry be for one namespace only. */
export type FindCredentials = (address: RegistryAddress, repository?: string) => Promise<Credentials | undefined>;

/** The value of an Authorization header for Basic (RFC 7617, UTF-8). */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}

/** What a helper or an entry holds as credentials: `<token>` as user name marks an identity token. */
export function credentialsFrom(username: string, secret: string): Credentials {
  return username === '<token>' ? { kind: 'identity-token', token: secret } : { kind: 'password', username, password: secret };
}
