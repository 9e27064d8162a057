import { createPrivateKey } from 'node:crypto';
import type { ParsedKey } from 'ssh2';
import { readSecretFile, readSecretLine } from '../../content/secret-file.js';
import { ImgkitError, isImgkitError } from '../../errors.js';
import type { NetworkOptions } from '../../network/network-options.js';

/** How the passphrase of an encrypted key is found; undefined when there is none. */
export type FindPassphrase = () => Promise<string | undefined>;

/**
 * The private key in `path` (OpenSSH, PEM, PKCS#8 or PuTTY format). Throws `key-exposed` when others can read the file, `key-malformed`,
 * `key-refused` (encrypted, and no or a wrong passphrase), `file-not-found`, `io-failed`.
 */
export async function readPrivateKey(path: string, findPassphrase: FindPassphrase): Promise<ParsedKey> {
  const bytes = await readSecretFile(path, { what: 'the SSH key' }).catch((error: unknown) => {
    // Everybody may read that one, and nothing is to be replaced.
    throw path.endsWith('.pub') && isImgkitError(error, 'key-exposed') ? malformed(path, 'by its name a public one', error) : error;
  });
  const { utils } = (await import('ssh2')).default;
  const first = parse(utils.parseKey, bytes);
  if (first instanceof Error && /no passphrase given|passphrase required/i.test(first.message)) {
    const passphrase = await findPassphrase();
    if (passphrase === undefined) throw new ImgkitError('key-refused', `${path}: the SSH key is encrypted; give its passphrase with --key-passphrase-file, or add the key to an SSH agent.`, { file: path });
    const second = parse(utils.parseKey, bytes, passphrase);
    if (second instanceof Error) throw new ImgkitError('key-refused', `${path}: the passphrase does not open the SSH key; try another one.`, { file: path }, { cause: second });
    return privateOnly(second, path);
  }
  if (first instanceof Error) throw malformed(path, first.message, first);
  return privateOnly(first, path);
}

/** The passphrase for the key that the user named: its file, else a person. */
export function passphraseOf(path: string, { keyPassphraseFile, askPassword }: NetworkOptions): FindPassphrase {
  return async () => {
    if (keyPassphraseFile !== undefined) return readSecretLine(keyPassphraseFile, 'the passphrase file');
    const answer = await askPassword?.(`Passphrase of ${path}: `, `Passphrase of ${path}`);
    return answer === '' ? undefined : answer;
  };
}

function parse(parseKey: (data: Buffer | string, passphrase?: string) => ParsedKey | Error, bytes: Buffer, passphrase?: string): ParsedKey | Error {
  const text = bytes.toString('latin1');
  try {
    const pem = /^\s*-----BEGIN (?:ENCRYPTED )?PRIVATE KEY-----/.test(text) ? fromPkcs8(bytes, passphrase) : bytes;
    const key = parseKey(pem, passphrase) as ParsedKey | readonly ParsedKey[] | Error;
    return Array.isArray(key) ? (key as readonly ParsedKey[])[0] ?? new Error('no key inside') : (key as ParsedKey | Error);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** ssh2 does not read PKCS#8; the traditional formats hold the same. */
function fromPkcs8(bytes: Buffer, passphrase?: string): string | Buffer {
  const key = createPrivateKey({ key: bytes, format: 'pem', ...(passphrase !== undefined && { passphrase }) });
  if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs1', format: 'pem' });
  if (key.asymmetricKeyType === 'ec') return key.export({ type: 'sec1', format: 'pem' });
  throw new Error(`PKCS#8 with a key of type ${key.asymmetricKeyType ?? 'unknown'}; convert it with ssh-keygen -p`);
}

function privateOnly(key: ParsedKey, path: string): ParsedKey {
  if (!key.isPrivateKey()) throw malformed(path, 'it holds a public key');
  if (key.type === 'ssh-dss') throw new ImgkitError('key-refused', `${path}: DSA keys are too weak; make a new one with ssh-keygen -t ed25519.`, { file: path });
  return key;
}

function malformed(path: string, reason: string, cause?: Error): ImgkitError {
  return new ImgkitError('key-malformed', `${path}: this is no SSH private key that can be read (${reason}); name the private one of the two files, without .pub.`, { file: path }, { cause });
}
