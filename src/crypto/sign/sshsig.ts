import { createHash } from 'node:crypto';
import { ImgkitError } from '../../errors.js';
import { decodePem, encodePem } from '../keys/pem-text.js';
import { sshString, sshUint32, SshReader, type Malformed } from '../keys/ssh-wire.js';

/** What signatures made here are for: a signature for git or for a login means nothing to us, and ours nothing to them. */
export const SSHSIG_NAMESPACE = 'imgkit-archive';

const LABEL = 'SSH SIGNATURE';
const MAGIC = 'SSHSIG';
const VERSION = 1;
/** The digests that PROTOCOL.sshsig allows. */
const HASHES: ReadonlySet<string> = new Set(['sha256', 'sha512']);

/** The parts of a signature file of `ssh-keygen -Y sign` (OpenSSH's PROTOCOL.sshsig). */
export interface Sshsig {
  /** The encoding of the signer's public key. */
  readonly publicKey: Uint8Array;
  readonly namespace: string;
  readonly hash: string;
  /** The signature proper: its algorithm, then what the algorithm makes. */
  readonly algorithm: string;
  readonly signature: Uint8Array;
  /** Of a hardware key: flags and counter, which the token signed too. */
  readonly tokenState: Uint8Array;
}

/** The file for a signature, as ssh-keygen writes it. */
export function encodeSshsig({ publicKey, namespace, hash, algorithm, signature, tokenState }: Sshsig): Uint8Array {
  const proper = Buffer.concat([sshString(algorithm), sshString(signature), tokenState]);
  const blob = Buffer.concat([Buffer.from(MAGIC), sshUint32(VERSION), sshString(publicKey), sshString(namespace), sshString(''), sshString(hash), sshString(proper)]);
  return Buffer.from(encodePem(LABEL, blob, 70));
}

/** Reads a signature file, strictly: one armored block and nothing else. Throws `signature-malformed`. */
export function decodeSshsig(file: Uint8Array, name: string): Sshsig {
  const malformed = sshsigMalformed(name);
  const pem = decodePem(Buffer.from(file).toString('latin1'));
  if (pem === undefined || pem.label !== LABEL) throw malformed('is damaged: it is not one armored block');
  const reader = new SshReader(pem.bytes, malformed);
  if (Buffer.from(reader.bytes(MAGIC.length)).toString('latin1') !== MAGIC) throw malformed('does not start as one');
  const version = reader.uint32();
  if (version !== VERSION) throw malformed(`is of version ${version}, not ${VERSION}`);
  const publicKey = reader.string();
  const namespace = reader.text();
  if (reader.string().length > 0) throw malformed('uses a field that is reserved');
  const hash = reader.name();
  if (!HASHES.has(hash)) throw malformed(`uses the digest "${hash}", which the format does not allow`);
  const proper = new SshReader(reader.string(), malformed);
  reader.end();
  return { publicKey, namespace, hash, algorithm: proper.name(), signature: proper.string(), tokenState: proper.bytes(proper.left) };
}

/** What the key signs: not the document but this, so that the signature holds for one namespace only. */
export function sshsigMessage(document: Uint8Array, namespace: string, hash: string): Uint8Array {
  return Buffer.concat([Buffer.from(MAGIC), sshString(namespace), sshString(''), sshString(hash), sshString(createHash(hash).update(document).digest())]);
}

/** Errors about a signature file. */
export function sshsigMalformed(name: string): Malformed {
  return (problem) => new ImgkitError('signature-malformed', `${name}: the SSH signature ${problem}; get it again from the sender.`, { file: name });
}
