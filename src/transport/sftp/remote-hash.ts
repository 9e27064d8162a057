import type { ClientChannel } from 'ssh2';
import { isDigest, type Digest } from '../../content/digest.js';
import { ImgkitError, isImgkitError } from '../../errors.js';
import type { Answer, SftpSession } from './sftp-session.js';

/** SHA-256 of nothing: what a server must find for /dev/null. */
const OF_NOTHING = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
/** A server that cannot do it, but does not say so, is not waited for any longer; one that has a lot to do is. */
const PROBE_TIME = 30_000;
/** A hash, two spaces and a dash. Who prints more greets its users; that is no answer. */
const LONGEST_OUTPUT = 4096;
/** Shells agree on what single quotes mean, but for these. */
const UNQUOTABLE = /[\\!\u0000-\u001f\u007f]/;

/** True when the server lets this user run `sha256sum`. Servers with nothing but SFTP do not. */
export async function canHash(session: SftpSession): Promise<boolean> {
  return (await sha256sum(session, '/dev/null', AbortSignal.timeout(PROBE_TIME)).catch((error: unknown) => {
    // A server that starts something else instead, and waits.
    if (session.failure === undefined) return undefined;
    throw error;
  })) === OF_NOTHING;
}

/** The SHA-256 that the server computes over `path`; undefined when it does not give one in exactly the expected form. */
export async function remoteHash(session: SftpSession, path: string, signal: AbortSignal | undefined): Promise<Digest | undefined> {
  return sha256sum(session, path, signal);
}

async function sha256sum(session: SftpSession, path: string, signal: AbortSignal | undefined): Promise<Digest | undefined> {
  if (!path.startsWith('/') || UNQUOTABLE.test(path)) return undefined;
  try {
    // Read from stdin, so that no name can be taken for an option or change the form of the output.
    const output = await session.exec<string>(`sha256sum < '${path.replaceAll("'", String.raw`'\''`)}'`, (channel, done) => collectOutput(session, channel, done), signal);
    const [, hex] = /^([0-9a-f]{64}) [ *]-\n$/.exec(output) ?? [];
    const digest = `sha256:${hex ?? ''}`;
    return isDigest(digest) ? digest : undefined;
  } catch (error) {
    // The end of the session and a stop are the caller's business; a refusal only means that there is no hash.
    if (isImgkitError(error)) throw error;
    return undefined;
  }
}

/** What the command printed, if it succeeded; else nothing. */
function collectOutput({ host }: SftpSession, channel: ClientChannel, done: Answer<string>): void {
  let output = '';
  let code: number | null | undefined;
  channel.on('data', (data: Buffer) => {
    output += data.toString('latin1');
    if (output.length > LONGEST_OUTPUT) channel.close();
  });
  channel.stderr.resume();
  channel.on('exit', (status: number | null) => { code = status; });
  channel.on('error', (error: Error) => done(error));
  // A command that ran says how it ended (RFC 4254, 6.10): who hears nothing of that has lost the server.
  channel.on('close', () => (code === undefined ? done(new ImgkitError('network-failed', `${host}: the server gave up computing a SHA-256; run it again.`, { file: host })) : done(null, code === 0 ? output : '')));
  channel.end();
}
