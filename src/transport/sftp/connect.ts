import { isImgkitError } from '../../errors.js';
import type { NetworkOptions } from '../../network/network-options.js';
import { HOST_KEY_TYPES } from './algorithms.js';
import { ConnectionAttempt } from './connection-attempt.js';
import { hostTrust } from './host-trust.js';
import { passphraseOf, readPrivateKey } from './private-key.js';
import type { SftpSession } from './sftp-session.js';
import type { SftpTarget } from './sftp-target.js';

/**
 * Connects, makes sure of the host key before anything secret is sent, logs in, and opens the SFTP channel. The caller closes the session.
 * Throws `network-unreachable`, `network-failed`, `network-timeout`, `host-untrusted`, `login-failed`, `remote-refused` (no SFTP for
 * this user), `interrupted`, and what reading keys, passwords and known hosts throws.
 */
export async function connectSftp(target: SftpTarget, network: NetworkOptions, signal?: AbortSignal): Promise<SftpSession> {
  const trust = await hostTrust(target, network);
  const namedKey = network.sshKey === undefined ? undefined : await readPrivateKey(network.sshKey, passphraseOf(network.sshKey, network));
  const refused: string[] = [];
  let refusal: unknown;
  for (;;) {
    const attempt = new ConnectionAttempt({ target, network, trust, namedKey, signal, types: HOST_KEY_TYPES.filter((type) => !refused.includes(type)) });
    try {
      return await attempt.run();
    } catch (error) {
      const type = attempt.refusedType;
      // The server has no key of another type: what was refused first says more.
      if (type === undefined) throw refusal !== undefined && isImgkitError(error, 'network-failed') ? refusal : error;
      refusal ??= error;
      refused.push(type);
      // A pinned fingerprint does not say of which type its key is, and a server shows only one: ask for the others too.
      if (!trust.anyType || !HOST_KEY_TYPES.some((other) => !refused.includes(other)) || !HOST_KEY_TYPES.includes(type)) throw refusal;
    }
  }
}
