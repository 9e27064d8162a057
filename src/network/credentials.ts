import { join } from 'node:path';
import { homeFolder } from '../content/home-folder.js';
import { openSecretFile, readSecretLine } from '../content/secret-file.js';
import { isImgkitError } from '../errors.js';
import { findNetrcEntry, parseNetrc } from './netrc.js';
import type { NetworkOptions } from './network-options.js';

/** Where a password is wanted. It belongs to exactly this scheme, host and port: never offer it to another. */
export interface PasswordQuestion {
  /** `sftp`, `ftp`, `ftps`, `http`, `https`. */
  readonly scheme: string;
  /** Without brackets, also for IPv6. */
  readonly host: string;
  readonly port?: number | undefined;
  /** As the URL or the caller says; undefined when only netrc could know. */
  readonly user?: string | undefined;
}

export interface Credentials {
  /** Undefined when nobody named one. */
  readonly user?: string | undefined;
  readonly password: string;
}

/**
 * Finds the password for one server: `network.passwordFile` (its first line), `$IMGKIT_PASSWORD`, netrc (`$NETRC`, else
 * `~/.netrc`: the entry of exactly this host), and at last a person, if `user` is known. Undefined when there is none.
 * Throws `key-exposed` when others can read the file that holds it, `file-not-found`, `io-failed`, `usage`.
 */
export async function findPassword(question: PasswordQuestion, network: NetworkOptions): Promise<Credentials | undefined> {
  const { user } = question;
  if (network.passwordFile !== undefined) return { user, password: await readSecretLine(network.passwordFile, 'the password file') };
  const fromEnvironment = process.env['IMGKIT_PASSWORD'];
  if (fromEnvironment !== undefined && fromEnvironment !== '') return { user, password: fromEnvironment };
  return (await fromNetrc(question)) ?? (await fromPerson(question, network));
}

async function fromNetrc({ host, user }: PasswordQuestion): Promise<Credentials | undefined> {
  const named = process.env['NETRC'];
  const path = named || join(homeFolder(), '.netrc');
  let file;
  try {
    file = await openSecretFile(path, { what: 'the netrc file' });
  } catch (error) {
    // Nobody asked for the usual file; a named one must be there.
    if (!named && isImgkitError(error, 'file-not-found', 'io-failed', 'key-malformed')) return undefined;
    throw error;
  }
  const entry = findNetrcEntry(parseNetrc(file.bytes.toString('utf8')), host, user);
  if (entry === undefined) return undefined;
  if (file.exposed !== undefined) throw file.exposed;
  return { user: user ?? entry.login, password: entry.password };
}

async function fromPerson({ scheme, host, port, user }: PasswordQuestion, { askPassword }: NetworkOptions): Promise<Credentials | undefined> {
  if (user === undefined || askPassword === undefined) return undefined;
  const where = `${host.includes(':') ? `[${host}]` : host}${port === undefined ? '' : `:${port}`}`;
  const secret = `Password of ${user} at ${scheme}://${where}`;
  const password = await askPassword(`${secret}: `, secret);
  return password === undefined || password === '' ? undefined : { user, password };
}
