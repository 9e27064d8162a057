import { openSecretFile } from '../../content/secret-file.js';
import { isCosignPrivateKey, readCosignPrivateKey } from '../../crypto/keys/cosign-private-key.js';
import { isMinisignFile, keyFileBytes } from '../../crypto/keys/minisign-comment.js';
import { resolvePassphrase, type PassphraseOptions } from '../../crypto/keys/passphrase.js';
import { isPkcs12, readPkcs12 } from '../../crypto/keys/pkcs12.js';
import { readPkcs8 } from '../../crypto/keys/pkcs8-read.js';
import { isGpgSecretKey } from '../../crypto/openpgp/secret-key-file.js';
import type { CmsSignerOptions } from '../../crypto/sign/cms/cms-signer.js';
import type { SignatureFormat, Signer } from '../../crypto/sign/signature.js';
import type { TrustFile } from '../../crypto/trust/trust.js';
import { ImgkitError } from '../../errors.js';
import { SIGNING_LIMITS } from '../../limits.js';
import { readBoundedFile } from './read-bounded-file.js';

/** With which key to sign, and how. */
export interface SigningKeyOptions extends PassphraseOptions {
  /** A private key file; a PKCS#12 file with key, certificate and chain; or the `.pub` file of an SSH key whose private half is in the agent or on a token. */
  readonly key: string;
  /** Default: what the key file is for; `cms` with a certificate. */
  readonly format?: SignatureFormat | undefined;
  /** The certificate of the key, for CMS. */
  readonly certificate?: string | undefined;
  /** Files with the certificates between it and the root. */
  readonly chain?: readonly string[] | undefined;
}

/** The kinds of key files, and which formats of signatures each can make; the first is the default. */
const FORMATS = {
  'an OpenSSH private key': ['ssh'],
  'an SSH public key': ['ssh'],
  'a minisign secret key': ['minisign'],
  'a cosign private key': ['cosign'],
  'a private key': ['cms', 'ssh', 'cosign'],
  'a PKCS#12 file': ['cms'],
} as const satisfies Record<string, readonly SignatureFormat[]>;

type Kind = keyof typeof FORMATS;

/** Bytes in a public key file of minisign. */
const MINISIGN_PUBLIC = 42;
const SSH_PUBLIC = /^(?:ssh-|ecdsa-|sk-)[a-z0-9@.-]+[ \t]+AAAA/;

/**
 * Reads a key file and makes a signer of it. A file that holds a secret must be private (`key-exposed`). A passphrase is asked for only
 * when the key needs one. Throws `usage` when the format cannot be guessed or does not go with the key, `key-malformed`,
 * `key-refused` (weak, wrong passphrase), `signature-untrusted` (a certificate that is not for signing, or not valid at `at`), `file-not-found`.
 */
export async function loadSigner(options: SigningKeyOptions & Pick<CmsSignerOptions, 'at'>, signal?: AbortSignal): Promise<Signer> {
  const { key: path } = options;
  const { bytes, exposed } = await openSecretFile(path, { signal });
  if (exposed !== undefined && !isPublic(bytes)) throw exposed;
  const file: TrustFile = { name: path, bytes };
  const kind = kindOf(file);
  const format = formatFor(kind, options);
  if (kind === 'an SSH public key') return await agentSigner(path, text(file));
  const passphrase = (): Promise<string | undefined> => resolvePassphrase(options, signal);
  switch (format) {
    case 'ssh': return await sshSigner(file, kind, passphrase);
    case 'minisign': {
      const { createMinisignSigner } = await import('../../crypto/sign/minisign-signer.js');
      const { readMinisignSecretKey } = await import('../../crypto/keys/minisign-secret-key.js');
      return createMinisignSigner(await readMinisignSecretKey(file.bytes, path, passphrase));
    }
    case 'cosign': {
      const { createCosignSigner } = await import('../../crypto/sign/cosign-signer.js');
      const key = kind === 'a cosign private key' ? await readCosignPrivateKey(text(file), path, passphrase) : readPkcs8(file, await pemPassphrase(file, passphrase));
      return createCosignSigner(key, path);
    }
    case 'cms': {
      const { createCmsSigner } = await import('../../crypto/sign/cms/cms-signer.js');
      if (kind === 'a PKCS#12 file') return await createCmsSigner({ ...(await pkcs12Parts(file, options, signal)), at: options.at });
      const certificate = await readBoundedFile(options.certificate as string, SIGNING_LIMITS.trustFileBytes, signal);
      const chain = await Promise.all((options.chain ?? []).map((each) => readBoundedFile(each, SIGNING_LIMITS.trustFileBytes, signal)));
      return await createCmsSigner({ key: file, certificate, chain, passphrase: await pemPassphrase(file, passphrase), at: options.at });
    }
  }
}

function isPublic(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes).toString('latin1');
  return !start.includes('PRIVATE KEY-----') && (SSH_PUBLIC.test(start) || /-----BEGIN (?:PUBLIC KEY|CERTIFICATE)-----/.test(start) || keyFileBytes(bytes, MINISIGN_PUBLIC) !== undefined);
}

function kindOf(file: TrustFile): Kind {
  const start = text(file);
  if (/^\s*-----BEGIN OPENSSH PRIVATE KEY-----/.test(start)) return 'an OpenSSH private key';
  if (SSH_PUBLIC.test(start)) return 'an SSH public key';
  if (isPublic(file.bytes)) throw new ImgkitError('key-malformed', `${file.name}: is public; sign with the private key that belongs to it.`, { file: file.name });
  if (isGpgSecretKey(file.bytes)) throw new ImgkitError('key-malformed', `${file.name}: is a GPG key, and those sign images: imgkit sign LOCATION --format gpg --key ${file.name} --lookaside DIR.`, { file: file.name });
  if (isMinisignFile(start)) return 'a minisign secret key';
  if (isPkcs12(file.bytes)) return 'a PKCS#12 file';
  if (/^AGE-SECRET-KEY-|^age-encryption\.org\/v1$/m.test(start)) throw new ImgkitError('key-malformed', `${file.name}: is an age identity, which opens what is encrypted and signs nothing; make a key to sign with: imgkit keygen --type ssh.`, { file: file.name });
  if (file.bytes[0] !== 0x30 && !start.includes('-----BEGIN ')) throw new ImgkitError('key-malformed', `${file.name}: is no private key of SSH, minisign or cosign, and none in PEM or DER; check which file it is.`, { file: file.name });
  return isCosignPrivateKey(start) ? 'a cosign private key' : 'a private key';
}

function formatFor(kind: Kind, { key, format, certificate, chain }: SigningKeyOptions): SignatureFormat {
  const possible: readonly SignatureFormat[] = FORMATS[kind];
  const usage = (message: string): ImgkitError => new ImgkitError('usage', message, { file: key });
  if (format !== undefined && !possible.includes(format)) throw usage(`${key}: is ${kind}, which makes no ${format} signatures but ${possible.join(' or ')}.`);
  const chosen = format ?? (certificate === undefined && possible.length > 1 ? undefined : possible[0]);
  if (chosen === undefined) throw usage(`${key}: is a private key that could be for several formats; say --format ssh, --format cosign, or --cert FILE for CMS.`);
  if (kind === 'a PKCS#12 file') {
    if (certificate !== undefined) throw usage(`${key}: brings the certificate of its key; leave out --cert.`);
    return chosen;
  }
  if (chosen === 'cms' && certificate === undefined) throw usage(`${key}: a CMS signature needs the certificate of the key; name it with --cert.`);
  if (chosen !== 'cms' && (certificate !== undefined || (chain?.length ?? 0) > 0)) throw usage(`${key}: is ${kind}, which goes without a certificate; leave out --cert and --chain.`);
  return chosen;
}

async function sshSigner(file: TrustFile, kind: Kind, passphrase: () => Promise<string | undefined>): Promise<Signer> {
  const { createSshSigner } = await import('../../crypto/sign/ssh-signer.js');
  if (kind === 'a private key') {
    const { sshPublicKeyOf } = await import('../../crypto/keys/ssh-public-of.js');
    const key = readPkcs8(file, await pemPassphrase(file, passphrase));
    return createSshSigner(sshPublicKeyOf(key, file.name), key, file.name);
  }
  const { readOpensshPrivateKey } = await import('../../crypto/keys/openssh-private-key.js');
  const { publicKey, key } = await readOpensshPrivateKey(text(file), file.name, passphrase);
  if (key !== undefined) return createSshSigner(publicKey, key, file.name);
  const { createSshKeygenSigner } = await import('../../crypto/sign/ssh-keygen-signer.js');
  return createSshKeygenSigner(publicKey, file.name);
}

async function agentSigner(path: string, line: string): Promise<Signer> {
  const { createSshKeygenSigner } = await import('../../crypto/sign/ssh-keygen-signer.js');
  const { parseSshPublicLine } = await import('../../crypto/keys/ssh-public-line.js');
  const { key } = parseSshPublicLine(line.trim(), path);
  if (key === undefined) throw new ImgkitError('key-refused', `${path}: is a key of a type that does not sign here; use Ed25519, ECDSA or RSA.`, { file: path });
  return createSshKeygenSigner(key, path);
}

/** The passphrase is asked for at once: hardly any such file has none. */
async function pkcs12Parts(file: TrustFile, options: SigningKeyOptions, signal: AbortSignal | undefined): Promise<CmsSignerOptions> {
  const { key, certificate, chain } = await readPkcs12(file, await resolvePassphrase(options, signal));
  const { name } = file;
  const more = await Promise.all((options.chain ?? []).map((each) => readBoundedFile(each, SIGNING_LIMITS.trustFileBytes, signal)));
  return { key, certificate: { name, bytes: certificate }, chain: [...chain.map((bytes) => ({ name, bytes })), ...more] };
}

async function pemPassphrase(file: TrustFile, passphrase: () => Promise<string | undefined>): Promise<string | undefined> {
  return /^-----BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(text(file)) || file.bytes[0] === 0x30 ? await passphrase() : undefined;
}

function text({ bytes }: TrustFile): string {
  return Buffer.from(bytes).toString('latin1');
}
