import { createPrivateKey } from 'node:crypto';
import { readSecretFile } from '../../../content/secret-file.js';
import { ImgkitError } from '../../../errors.js';
import { AGE_LIMITS } from '../../../limits.js';
import { OPENSSH_LABEL, readOpensshPrivateKey } from '../../keys/openssh-private-key.js';
import { resolvePassphrase, type PassphraseOptions } from '../../keys/passphrase.js';
import { decryptAge } from './decrypt-age.js';
import { AGE_HEAD, isAge } from './detect.js';
import type { AgeIdentity } from './recipient.js';
import { scryptIdentity } from './scrypt.js';
import { sshIdentity } from './ssh-recipient.js';
import { x25519Identity } from './x25519-recipient.js';

/** What opens something encrypted: secrets in files, never in arguments. */
export interface DecryptionOptions extends PassphraseOptions {
  /**
   * Private files (0600): age identities as age-keygen writes them, also encrypted with a passphrase; SSH private keys.
   * The passphrase, when there is one, opens what of them is protected.
   */
  readonly identities?: readonly string[] | undefined;
}

/**
 * The identities that `options` name, a passphrase last. Throws `key-exposed`, `key-malformed`, `key-refused` (a protected
 * file without its passphrase, a kind of key that age does not know), `file-not-found`.
 */
export async function readIdentities(options: DecryptionOptions, signal?: AbortSignal): Promise<readonly AgeIdentity[]> {
  let known: Promise<string | undefined> | undefined;
  const passphrase = (): Promise<string | undefined> => (known ??= resolvePassphrase(options, signal));
  const found: AgeIdentity[] = [];
  for (const path of options.identities ?? []) found.push(...(await readFile(path, passphrase, signal)));
  // A prompt is shown for identities that need it, or when nothing else is there that could open the file.
  if (options.passphraseFile !== undefined || typeof options.passphrase === 'string' || found.length === 0) {
    const given = await passphrase();
    if (given !== undefined) found.push(scryptIdentity(given));
  }
  return found;
}

async function readFile(path: string, passphrase: () => Promise<string | undefined>, signal: AbortSignal | undefined): Promise<readonly AgeIdentity[]> {
  // Public keys have any mode, and "run chmod 600" would be the wrong advice.
  if (/\.(?:age)?pub$/.test(path)) throw new ImgkitError('key-refused', `${path}: is a public key by its name, which opens nothing; name the private one.`, { file: path });
  const bytes = await readSecretFile(path, { signal, most: AGE_LIMITS.keyFileBytes });
  try {
    if (isAge(bytes.subarray(0, AGE_HEAD))) return parseLines(await decrypted(bytes, path, passphrase), path);
    const text = bytes.toString('utf8');
    if (text.trimStart().startsWith(`-----BEGIN ${OPENSSH_LABEL}-----`)) {
      const { key } = await readOpensshPrivateKey(text.trimStart(), path, passphrase);
      if (key === undefined) throw new ImgkitError('key-refused', `${path}: is the handle of a hardware key, which cannot decrypt; use another identity.`, { file: path });
      return [sshIdentity(key, path)];
    }
    if (/^\s*-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return [await pemIdentity(text, path, passphrase)];
    return parseLines(text, path);
  } finally {
    bytes.fill(0);
  }
}

async function decrypted(bytes: Uint8Array, path: string, passphrase: () => Promise<string | undefined>): Promise<string> {
  const given = await passphrase();
  if (given === undefined) throw new ImgkitError('key-refused', `${path}: is protected by a passphrase and none was given; name a --passphrase-file.`, { file: path });
  const chunks: Uint8Array[] = [];
  const whole = async function* (): AsyncGenerator<Uint8Array> {
    yield bytes;
  };
  for await (const chunk of decryptAge(whole(), [scryptIdentity(given)], { name: path })) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function pemIdentity(text: string, path: string, passphrase: () => Promise<string | undefined>): Promise<AgeIdentity> {
  const given = /ENCRYPTED/.test(text) ? await passphrase() : undefined;
  try {
    return sshIdentity(createPrivateKey({ key: text, format: 'pem', ...(given === undefined ? {} : { passphrase: given }) }), path);
  } catch (error) {
    if (error instanceof ImgkitError) throw error;
    throw new ImgkitError('key-refused', `${path}: this private key cannot be read; it is damaged, or its passphrase is missing or wrong.`, { file: path });
  }
}

function parseLines(text: string, path: string): readonly AgeIdentity[] {
  const lines = text.split('\n').map((line) => line.trim());
  let foreign: ImgkitError | undefined;
  const found = lines.flatMap((line, i) => {
    if (line === '' || line.startsWith('#')) return [];
    const where = `${path}, line ${i + 1},`;
    const problem = foreignIdentity(line, where);
    foreign ??= problem;
    return problem === undefined ? [parseIdentity(line, where)] : [];
  });
  // Beside one that works here, as a spare key beside that of a token, it is no hindrance.
  if (found.length === 0) throw foreign ?? new ImgkitError('key-malformed', `${path}: holds no identity; age-keygen or imgkit keygen --type age makes one.`, { file: path });
  return found;
}

/** The error for a plugin's or post-quantum identity. It tells only the kind, which ends at the last 1: what follows may be a secret. */
function foreignIdentity(line: string, where: string): ImgkitError | undefined {
  const kind = /^(AGE-(?:PLUGIN-[A-Z0-9+._-]*|SECRET-KEY-PQ))-1/.exec(line)?.[1];
  if (kind === undefined) return undefined;
  return new ImgkitError('key-refused', `${where} is an identity of a kind that is not supported (${kind.slice(0, 40)}); use an X25519 identity or an SSH key.`, { file: where });
}

function parseIdentity(line: string, where: string): AgeIdentity {
  if (line.startsWith('AGE-SECRET-KEY-1')) return x25519Identity(line, where);
  throw new ImgkitError('key-malformed', `${where} is no identity: lines start with AGE-SECRET-KEY-1 or #.`, { file: where });
}
