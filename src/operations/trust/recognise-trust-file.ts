import { createHash } from 'node:crypto';
import { parseCosignPublicKey } from '../../crypto/keys/cosign-public-key.js';
import { isPkcs12 } from '../../crypto/keys/pkcs12.js';
import { isMinisignFile, isMinisignSecretKey } from '../../crypto/keys/minisign-comment.js';
import { parseMinisignPublicKey } from '../../crypto/keys/minisign-public-key.js';
import { encodePem } from '../../crypto/keys/pem-text.js';
import { formatSshPublicLine, parseSshPublicLine } from '../../crypto/keys/ssh-public-line.js';
import { readKeyFacts } from '../../crypto/openpgp/key-facts.js';
import { isGpgPublicKey } from '../../crypto/openpgp/key-packets.js';
import { isGpgSecretKey } from '../../crypto/openpgp/secret-key-file.js';
import { parseAllowedSigners } from '../../crypto/sign/allowed-signers.js';
import { isKrl } from '../../crypto/sign/ssh-krl.js';
import type { TrustKind } from '../../crypto/trust/trust-layout.js';
import type { TrustFile } from '../../crypto/trust/trust.js';
import { readCertificateLists } from '../../crypto/x509/certificate-list.js';
import type { Certificate } from '../../crypto/x509/certificate.js';
import { readCertificates } from '../../crypto/x509/read-certificates.js';
import { ImgkitError } from '../../errors.js';
import { parsePolicy } from '../../policy/parse-policy.js';

/** A part of a file, and what it is in a trust. */
export interface Recognised {
  readonly kind: TrustKind;
  /** Name for kinds that have a folder, made of characters that are safe there. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** True when the bytes are lines that go to the end of a file that collects them. */
  readonly append: boolean;
}

export interface RecogniseOptions {
  /** Whose an SSH key is. */
  readonly identity?: string | undefined;
  /** The keys in the file are no longer to be believed. */
  readonly revoked?: boolean | undefined;
}

const SSH_LINE = /^(?:ssh-|ecdsa-sha2-|sk-)\S+[ \t]+AAAA/;

/**
 * Sees what a file is, by its content, and checks that it can be read. A file of several certificates becomes several parts.
 * Throws `key-malformed` for what has no place in a trust, `key-refused` for a private key and for a signer's certificate,
 * `usage` when an SSH key lacks an identity.
 */
export function recogniseTrustFile(file: TrustFile, options: RecogniseOptions = {}): readonly Recognised[] {
  const text = Buffer.from(file.bytes.buffer, file.bytes.byteOffset, file.bytes.length).toString('utf8');
  const name = safeName(file.name);
  const one = (kind: TrustKind, bytes: Uint8Array = file.bytes, append = false): readonly Recognised[] => [{ kind, name, bytes, append }];
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text) || /^AGE-SECRET-KEY-/m.test(text) || isPkcs12(file.bytes) || isGpgSecretKey(file.bytes) || isMinisignSecretKey(file.bytes)) throw new ImgkitError('key-refused', `${file.name}: is a private key; give the public one, and keep this to yourself.`, { file: file.name });
  if (options.revoked === true) return one('revoked', revokedLines(file, text), !isKrl(file.bytes));
  if (isKrl(file.bytes)) return one('revoked');
  if (/-----BEGIN X509 CRL-----/.test(text)) return readCertificateLists(file).length > 0 ? one('crl') : [];
  if (/-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/.test(text)) return certificates(file, name);
  if (file.bytes[0] === 0x30) return recogniseDer(file, name);
  if (/^\s*-----BEGIN PUBLIC KEY-----/.test(text)) return one('cosign', checkedCosignKey(file));
  if (isGpgPublicKey(file.bytes)) return one('gpg', checkedGpgKeys(file));
  if (isMinisignFile(text)) return one('minisign', checkedMinisignKey(file));
  if (/^\s*\{/.test(text)) return parsePolicy(file.bytes, file.name).rules.length >= 0 ? one('policy') : [];
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  if (lines.length > 0 && lines.every((line) => SSH_LINE.test(line))) return one('allowed-signers', allowedLines(file, lines, options.identity), true);
  if (lines.length > 0 && lines.every((line) => /^age1[0-9a-z]+$/.test(line))) return one('age-recipients', Buffer.from(`${lines.join('\n')}\n`), true);
  if (lines.length > 0 && /[ \t](?:ssh-|ecdsa-sha2-|sk-)/.test(text) && parseAllowedSigners(file).length > 0) return one('allowed-signers', Buffer.from(`${lines.join('\n')}\n`), true);
  throw new ImgkitError('key-malformed', `${file.name}: is nothing that a trust holds: CA certificates, CRLs, public keys (SSH, minisign, cosign, GPG), allowed_signers, age recipients, policy.json.`, { file: file.name });
}

function recogniseDer(file: TrustFile, name: string): readonly Recognised[] {
  try {
    return certificates(file, name);
  } catch (error) {
    if (error instanceof ImgkitError && error.code === 'key-refused') throw error;
    try {
      readCertificateLists(file);
      return [{ kind: 'crl', name, bytes: file.bytes, append: false }];
    } catch {
      throw error; // More likely a broken certificate than a broken CRL.
    }
  }
}

/** One that is cut would stand in the way of every other key of its kind, and no receiver would take the folder as an update. */
function checkedCosignKey(file: TrustFile): Uint8Array {
  const { weakness } = parseCosignPublicKey(file);
  if (weakness !== undefined) throw new ImgkitError('key-refused', `${file.name}: the key is not accepted: ${weakness}; ask its owner for another key.`, { file: file.name });
  return file.bytes;
}

function checkedMinisignKey(file: TrustFile): Uint8Array {
  parseMinisignPublicKey(file);
  return file.bytes;
}

function checkedGpgKeys(file: TrustFile): Uint8Array {
  const weak = readKeyFacts(file).find(({ weakness }) => weakness !== undefined);
  if (weak !== undefined) throw new ImgkitError('key-refused', `${file.name}: the GPG key ${weak.fingerprint} is not accepted: ${weak.weakness}; ask its owner for another key.`, { file: file.name });
  return file.bytes;
}

/** CAs only, each a file of its own: a bundle would hide what is in it. */
function certificates(file: TrustFile, name: string): readonly Recognised[] {
  const all = readCertificates(file);
  const stem = name.replace(/\.(?:pem|crt|cer|der)$/i, '');
  return all.map((certificate, i) => ({
    kind: kindOf(certificate), append: false,
    name: all.length === 1 ? `${stem}.crt` : `${stem}-${i + 1}.crt`,
    bytes: Buffer.from(encodePem('CERTIFICATE', certificate.raw)),
  }));
}

function kindOf(certificate: Certificate): TrustKind {
  const { subject, issuer, extensions, source } = certificate;
  if (Buffer.compare(subject.raw, issuer.raw) === 0) return 'root';
  if (extensions.ca) return 'intermediate';
  throw new ImgkitError('key-refused', `${source}: is the certificate of a signer ("${subject.text}"), not of a CA; add the certificate of its CA, "${issuer.text}".`, { file: source });
}

function allowedLines(file: TrustFile, lines: readonly string[], identity: string | undefined): Uint8Array {
  if (identity === undefined) throw new ImgkitError('usage', `${file.name}: is an SSH key; say whose it is with --identity NAME@DOMAIN.`, { file: file.name });
  if (!/^[\w.+-][\w.@+-]*$/.test(identity)) throw new ImgkitError('usage', `--identity "${identity}": use letters, digits and . _ + - @ for the owner of an SSH key.`);
  const made = lines.map((line) => {
    const { type, blob, key, comment } = parseSshPublicLine(line.trim(), file.name);
    const weakness = key === undefined ? 'signs nothing here' : key.weakness;
    if (weakness !== undefined) throw new ImgkitError('key-refused', `${file.name}: the key ${type} is not accepted: ${weakness}; ask its owner for another key.`, { file: file.name });
    return `${identity} ${formatSshPublicLine(type, blob, comment)}\n`;
  });
  return Buffer.from(made.join(''));
}

function revokedLines(file: TrustFile, text: string): Uint8Array {
  if (isKrl(file.bytes)) return file.bytes;
  const lines = text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length === 0) throw new ImgkitError('key-malformed', `${file.name}: holds no key to revoke; name a file with SSH public keys, or a KRL of ssh-keygen -k.`, { file: file.name });
  return Buffer.from(lines.map((line) => {
    const { type, blob, comment } = parseSshPublicLine(line, file.name);
    return `${formatSshPublicLine(type, blob, comment)}\n`;
  }).join(''));
}

/** The last part of a path, without anything that a file name in a trust may not have. */
function safeName(path: string): string {
  const base = path.slice(path.lastIndexOf('/') + 1).replaceAll(/[^\w.+@-]/g, '_').replace(/^[^\w]+/, '').slice(0, 80);
  return base === '' ? `file-${createHash('sha256').update(path).digest('hex').slice(0, 8)}` : base;
}
