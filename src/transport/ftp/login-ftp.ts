import type { Client } from 'basic-ftp';
import { ImgkitError } from '../../errors.js';
import { findPassword } from '../../network/credentials.js';
import type { NetworkOptions } from '../../network/network-options.js';
import type { FtpAddress } from './ftp-address.js';
import { ftpError, isFtpReply, isReplyOf, quoteReply } from './ftp-error.js';
import type { FtpSession } from './ftp-session.js';

/** Who logs in: asked for once per transport, so that a person types once. */
export interface FtpLogin {
  readonly user: string;
  readonly password: string;
}

/**
 * User and password for `address`; without a user, neither in the URL nor in netrc, it is `anonymous`, and a password that
 * was named without one is not given to a host that asked for none. Throws `login-failed` when there is no password.
 */
export async function findFtpLogin({ host, port, scheme, user, origin }: FtpAddress, network: NetworkOptions): Promise<FtpLogin> {
  const found = await findPassword({ scheme, host, port, user }, network);
  const name = found?.user ?? user;
  if (name === undefined) return { user: 'anonymous', password: 'anonymous@' };
  if (found === undefined) {
    throw new ImgkitError('login-failed', `${origin}: no password for ${name}; name one with --password-file FILE, $IMGKIT_PASSWORD or ~/.netrc.`, { file: origin });
  }
  // oxlint-disable-next-line no-control-regex
  if (/[\r\n\0]/.test(found.password + name)) throw new ImgkitError('usage', `${origin}: user and password must not hold line breaks; correct them.`, { file: origin });
  return { user: name, password: found.password };
}

/** Logs in and sets the connection up. Throws `login-failed`, `remote-refused`, or what the connection throws. */
export async function loginFtp(client: Client, { origin }: FtpAddress, { user, password }: FtpLogin, idle: number): Promise<FtpSession> {
  await client.sendIgnoringError('OPTS UTF8 ON');
  try {
    await client.login(user, password);
  } catch (error) {
    const wantsTls = !client.ftp.hasTLS && isFtpReply(error) && /encrypt|\bTLS\b|\bSSL\b|secure/i.test(error.message);
    if (!isFtpReply(error) || (isReplyOf(error, 421) && !wantsTls)) throw ftpError(error, { origin, doing: 'logging in' });
    const reply = quoteReply(password === '' ? error.message : error.message.replaceAll(password, '***'));
    const advice = wantsTls ? 'write ftpes:// or ftps:// in place of ftp://' : 'check user and password';
    // The cause is left out: it may repeat the password.
    throw new ImgkitError('login-failed', `${origin}: the server does not let ${user} in: ${reply}; ${advice}.`, { file: origin, found: String(error.code) });
  }
  try {
    return await setUp(client, idle);
  } catch (error) {
    throw ftpError(error, { origin, doing: 'setting the connection up' });
  }
}

async function setUp(client: Client, idle: number): Promise<FtpSession> {
  if (client.ftp.hasTLS) {
    // RFC 4217 section 9. A refusal of PROT P must not pass: data would be asked for in clear.
    await client.send('PBSZ 0');
    await client.send('PROT P');
  }
  await client.send('TYPE I');
  const features = new Map([...(await client.features())].map(([name, rest]) => [name.toUpperCase(), rest]));
  // Some servers listen to this only after the login.
  await client.sendIgnoringError('OPTS UTF8 ON');
  if (features.has('MLST')) await client.sendIgnoringError('OPTS MLST type;size;modify;UNIX.mode;');
  return { client, features, idle };
}
