import { ImgkitError } from '../../errors.js';
import { keyThumbprint } from '../keys/key-thumbprint.js';
import { readSshPublicKey, sshFingerprint, type SshPublicKey } from '../keys/ssh-public-key.js';
import { describeTrusted } from '../trust/describe-trusted.js';
import type { Trust } from '../trust/trust.js';
import { parseAllowedSigners, type AllowedSigner } from './allowed-signers.js';
import { matchesPrincipals } from './principal-pattern.js';
import type { VerifiedSignature, VerifySignature } from './signature.js';
import { fitsSsh, userWasPresent } from './ssh-signature-algorithm.js';
import { revokedBy } from './ssh-revocation.js';
import { decodeSshsig, SSHSIG_NAMESPACE, sshsigMalformed, sshsigMessage } from './sshsig.js';

/**
 * Checks a signature of `ssh-keygen -Y sign` with namespace `imgkit-archive`: that it fits, that its key is none that is revoked
 * or weak, and that a line of an allowed_signers file gives the key to `trust.identity` (anyone, if undefined) for this
 * namespace at `trust.at`: gives one for each such line, for a policy may know its owner by any of them. Certificates are not
 * accepted. Throws as {@link VerifySignature}, and `key-malformed` for broken lists.
 */
export async function verifySsh(...[document, file, trust, name]: Parameters<VerifySignature>): Promise<readonly VerifiedSignature[]> {
  const malformed = sshsigMalformed(name);
  const sshsig = decodeSshsig(file, name);
  const publicKey = readSshPublicKey(sshsig.publicKey, malformed);
  const keyId = sshFingerprint(sshsig.publicKey);
  const untrusted = (problem: string): ImgkitError => new ImgkitError('signature-untrusted', `${name}: the SSH signature by ${keyId} ${problem}`, { file: name, found: keyId });
  if (publicKey === undefined) throw untrusted('is by a certificate or a type of key that is not accepted; have it signed with a plain Ed25519, ECDSA or RSA key.');
  if (!fitsSsh(sshsigMessage(document, sshsig.namespace, sshsig.hash), publicKey, sshsig, malformed)) {
    throw new ImgkitError('signature-invalid', `${name}: the SSH signature by ${keyId} does not fit: what it signed was changed, or it belongs to something else; transfer both again.`, { file: name, found: keyId });
  }
  if (sshsig.namespace !== SSHSIG_NAMESPACE) throw untrusted(`was made for "${sshsig.namespace}", not for ${SSHSIG_NAMESPACE}; have it signed with: ssh-keygen -Y sign -n ${SSHSIG_NAMESPACE}`);
  if (publicKey.weakness !== undefined) throw untrusted(`is worth nothing: ${publicKey.weakness}.`);
  if (publicKey.application !== undefined && !userWasPresent(sshsig.tokenState)) throw untrusted('was made by a token that nobody touched.');
  const list = revokedBy(trust.revokedKeys, sshsig.publicKey);
  if (list !== undefined) throw untrusted(`is by a key that ${list} revokes; ask the sender for one by another key.`);
  return signersOf(publicKey, trust, untrusted).map((identity) => ({ format: 'ssh', keyId, thumbprint: keyThumbprint(publicKey.key), identity, ...namesIn(identity, trust), notes: [] }));
}

/** A line of several people gives the key to each of them; patterns are no names. */
function namesIn(principals: string, { identity }: Trust): Pick<VerifiedSignature, 'names'> {
  return identity === undefined && principals.includes(',') && !/[*?!]/.test(principals) ? { names: principals.split(',').filter((name) => name !== '') } : {};
}

/** Who the lists say may sign with this key, here and now. The error names the nearest miss. */
function signersOf(key: SshPublicKey, trust: Trust, untrusted: (problem: string) => ImgkitError): readonly string[] {
  const lines = trust.allowedSigners.flatMap(parseAllowedSigners).filter((line) => Buffer.from(line.key.blob).equals(key.blob));
  if (lines.length === 0) throw untrusted(`is by a key that is not trusted (${describeTrusted(trust)}); if you know whose it is, name their SSH public key with --key, or add a line for it to the allowed signers.`);
  const misses = lines.map((line) => ({ line, miss: missOf(line, trust) }));
  const hits = misses.filter(({ miss }) => miss === undefined);
  if (hits.length > 0) return trust.identity === undefined ? [...new Set(hits.map(({ line }) => line.principals))] : [trust.identity];
  throw untrusted(`is by a key that ${misses.map(({ line, miss }) => `${line.where} ${miss}`).join(', and ')}.`);
}

function missOf(line: AllowedSigner, { at, identity }: Trust): string | undefined {
  if (line.certAuthority) return 'trusts only to issue certificates';
  if (identity !== undefined && !matchesPrincipals(identity, line.principals)) return `gives to ${line.principals}, not to ${identity}`;
  if (line.namespaces !== undefined && !matchesPrincipals(SSHSIG_NAMESPACE, line.namespaces)) return `allows for ${line.namespaces}, not for ${SSHSIG_NAMESPACE}`;
  if (line.validAfter !== undefined && at < line.validAfter) return `allows only from ${line.validAfter.toISOString()} on`;
  if (line.validBefore !== undefined && at > line.validBefore) return `allowed only until ${line.validBefore.toISOString()}`;
  return undefined;
}
