import type { Algorithms, ServerHostKeyAlgorithm } from 'ssh2';

/** Which algorithms each type of host key signs with. SHA-1 (`ssh-rsa` as a signature) is not among them. */
const SIGNATURES: readonly (readonly [type: string, algorithms: readonly ServerHostKeyAlgorithm[]])[] = [
  ['ssh-ed25519', ['ssh-ed25519']],
  ['ecdsa-sha2-nistp256', ['ecdsa-sha2-nistp256']],
  ['ecdsa-sha2-nistp384', ['ecdsa-sha2-nistp384']],
  ['ecdsa-sha2-nistp521', ['ecdsa-sha2-nistp521']],
  ['ssh-rsa', ['rsa-sha2-512', 'rsa-sha2-256']],
];

/** Every type of host key that can be checked. */
export const HOST_KEY_TYPES: readonly string[] = SIGNATURES.map(([type]) => type);

/**
 * What is offered to the server, most wanted first; safe ones only: no SHA-1, no CBC, no compression. Ciphers are ordered by
 * measurement, for there is no native code but OpenSSL's: on one machine, in MiB/s up and down, aes128-gcm made 164 and 204, aes256-gcm 142
 * and 122, aes128-ctr with a MAC 78 and 98, ChaCha20-Poly1305, which runs as WebAssembly in part, 60 and 88. Host keys of `preferred` types come first.
 */
export function algorithms(preferred: readonly string[], only: readonly string[] = HOST_KEY_TYPES): Algorithms {
  const types = SIGNATURES.filter(([type]) => only.includes(type));
  const first = types.filter(([type]) => preferred.includes(type));
  const rest = types.filter(([type]) => !preferred.includes(type));
  return {
    kex: [
      'curve25519-sha256', 'curve25519-sha256@libssh.org', 'ecdh-sha2-nistp256', 'ecdh-sha2-nistp384', 'ecdh-sha2-nistp521',
      'diffie-hellman-group16-sha512', 'diffie-hellman-group18-sha512', 'diffie-hellman-group14-sha256', 'diffie-hellman-group-exchange-sha256',
    ],
    cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr', 'chacha20-poly1305@openssh.com'],
    hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
    compress: ['none'],
    serverHostKey: [...first, ...rest].flatMap(([, names]) => names),
  };
}
