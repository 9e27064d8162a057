import { ImgkitError } from '../errors.js';
import type { NetworkOptions } from '../network/network-options.js';
import { credentialsFrom } from './auth/credentials.js';
import { registryFailure } from './failure.js';
import { openConnection } from './open-connection.js';
import type { RegistryAddress } from './registry-address.js';

export interface CheckLoginOptions {
  readonly network: NetworkOptions;
  readonly username: string;
  readonly password: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Proves that a registry takes these credentials (OCI distribution spec, "Determining Support": `GET /v2/`). Throws `login-failed`
 * when it does not, or when they could not be tried because its token server is elsewhere (where it asks for none, that is only told); `network-*`, `host-untrusted`.
 */
export async function checkLogin(address: RegistryAddress, { network, username, password, signal }: CheckLoginOptions): Promise<void> {
  const connection = openConnection(address, { network, signal, findCredentials: async () => credentialsFrom(username, password) });
  const { name } = address;
  try {
    const response = await connection.request({ method: 'GET', target: '/v2/', scopes: [], signal });
    if (response.status === 401) {
      await response.discard();
      throw new ImgkitError('login-failed', `${name} refuses the user name or the password; check both, and whether it wants a token in place of the password.`, { file: name });
    }
    if (response.status !== 200) throw await registryFailure(response, { registry: name, doing: 'logging in' });
    await response.discard();
    if (!connection.wantsLogin) network.onWarning?.(`${name} asks for no login here, so the user name and the password were not tried.`);
    const unused = connection.realmElsewhere();
    if (unused !== undefined) throw new ImgkitError('login-failed', `${name}: its token server ${unused} is on another origin, so the password was not sent there and could not be tried; if that is meant to be, add --trust-realm ${unused}.`, { file: name, found: unused });
  } finally {
    await connection.close();
  }
}
