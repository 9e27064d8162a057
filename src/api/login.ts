import { ImgkitError } from '../errors.js';
import { beginCall } from './begin-call.js';
import { TEXT } from './option-kinds.js';
import type { CommonOptions } from './options.js';

/** What came of a login. */
export interface LoginResult {
  /** As in references: `registry.example:5000`. */
  readonly registry: string;
  readonly username: string;
  /** The file or the credential helper that keeps the credentials. */
  readonly keptIn: string;
  /** False for a file, where they are only encoded, not encrypted. */
  readonly protectedByHelper: boolean;
}

/** What came of a logout. */
export interface LogoutResult {
  readonly registry: string;
  /** The files and helpers that had credentials and forgot them; empty when there were none. */
  readonly forgottenIn: readonly string[];
}

/**
 * Proves that `registry` takes the user name and password, then keeps them where docker, podman and skopeo look too: the credential
 * helper of Docker's config.json, else that file (0600). The user name `<token>` marks an identity token. Nothing is kept when the
 * registry refuses: `login-failed`.
 */
export async function login(options: CommonOptions & { readonly registry: string; readonly username: string; readonly password: string }): Promise<LoginResult> {
  beginCall(options, { registry: TEXT, username: TEXT, password: TEXT });
  const { network = {}, username, password, signal } = options;
  if (username === '' || /[:\r\n\0]/.test(username)) throw new ImgkitError('usage', 'A user name is not empty and holds no colon and no line break.');
  if (password === '' || /[\r\n\0]/.test(password)) throw new ImgkitError('usage', 'A password is not empty and holds no line break.');
  const [{ loginAddress }, { checkLogin }, { keepCredentials }] = await Promise.all([import('../registry/registry-address.js'), import('../registry/check-login.js'), import('../registry/auth/keep-credentials.js')]);
  const address = loginAddress(options.registry, network.insecureRegistries);
  await checkLogin(address, { network, username, password, signal });
  const { where, protectedByHelper } = await keepCredentials(address, { username, secret: password }, { signal });
  return { registry: address.name, username, keptIn: where, protectedByHelper };
}

/** Forgets what is kept for `registry`. Not having known anything is no error. */
export async function logout(options: CommonOptions & { readonly registry: string }): Promise<LogoutResult> {
  beginCall(options, { registry: TEXT });
  const [{ loginAddress }, { forgetCredentials }] = await Promise.all([import('../registry/registry-address.js'), import('../registry/auth/keep-credentials.js')]);
  const address = loginAddress(options.registry, options.network?.insecureRegistries);
  return { registry: address.name, forgottenIn: await forgetCredentials(address, { signal: options.signal }) };
}
