import { sshString, SshReader, type Malformed } from './ssh-wire.js';

const CERTIFICATE = /^([a-z0-9-]+)-cert-v01@openssh\.com$/;
/** How many fields the key itself has in a certificate (OpenSSH's PROTOCOL.certkeys and PROTOCOL.u2f), by its type there. */
const KEY_FIELDS: ReadonlyMap<string, number> = new Map([
  ['ssh-ed25519', 1], ['sk-ssh-ed25519', 2], ['ssh-rsa', 2], ['sk-ecdsa-sha2-nistp256', 3],
  ...['256', '384', '521'].map((bits): [string, number] => [`ecdsa-sha2-nistp${bits}`, 2]),
]);

/** The encoding of the key that an SSH certificate is about; that of a key itself as it is. Throws what `malformed` makes for a certificate that is cut. */
export function certifiedKey(blob: Uint8Array, malformed: Malformed): Uint8Array {
  const reader = new SshReader(blob, malformed);
  const type = CERTIFICATE.exec(reader.name())?.[1] ?? '';
  const fields = KEY_FIELDS.get(type);
  if (fields === undefined) return blob;
  // A nonce stands between the type and the key.
  reader.string();
  return Buffer.concat([sshString(type.startsWith('sk-') ? `${type}@openssh.com` : type), ...Array.from({ length: fields }, () => sshString(reader.string()))]);
}
