import type { FileEntryWithStats, Stats } from 'ssh2';
import { runConcurrently } from '../../content/concurrent.js';
import { ImgkitError } from '../../errors.js';
import { REMOTE_LIMITS } from '../../limits.js';
import { isRemoteName } from '../../network/remote-path.js';
import { joinRemote } from '../remote-name.js';
import type { RemoteEntry } from '../transport.js';
import { describeFile } from './file-state.js';
import type { SftpSession } from './sftp-session.js';
import { STATUS, statusError, statusOf } from './status-error.js';

/** The entries of a folder that have plain names, links followed. Throws `limit-exceeded` beyond `most` names, or answers, for a listing may be endless. */
export async function listFolder(session: SftpSession, path: string, signal: AbortSignal | undefined, most: number = REMOTE_LIMITS.entries): Promise<readonly RemoteEntry[]> {
  try {
    const found = (await readAll(session, path, signal, most)).filter(({ filename }) => isRemoteName(filename));
    const entries: RemoteEntry[] = found.map(({ filename, attrs }) => ({ name: filename, ...describeFile(attrs) }));
    const links = [...found.keys()].filter((i) => found[i]?.attrs.isSymbolicLink() === true);
    await runConcurrently(links, { limit: 16, signal }, async (i, stop) => {
      const name = found[i]?.filename ?? '';
      const stats = await session.call<Stats>((sftp, done) => sftp.stat(joinRemote(path, name), done), stop).catch((error: unknown) => {
        // A link that leads nowhere is an entry of another kind.
        if (statusOf(error) === undefined) throw error;
      });
      if (stats !== undefined) entries[i] = { name, ...describeFile(stats) };
    });
    return entries;
  } catch (error) {
    throw statusError(error, session.host, path, 'listing it');
  }
}

async function readAll(session: SftpSession, path: string, signal: AbortSignal | undefined, most: number): Promise<readonly FileEntryWithStats[]> {
  const handle = await session.call<Buffer>((sftp, done) => sftp.opendir(path, done), signal);
  const entries: FileEntryWithStats[] = [];
  try {
    for (let answers = 0; ; answers += 1) {
      // Answers without a name are counted too: of those there could be endlessly many.
      if (entries.length + answers > most) throw new ImgkitError('limit-exceeded', `${session.host}${path}: more than ${most} names in one folder, or a listing without an end; name a smaller one.`, { file: path });
      entries.push(...await session.call<FileEntryWithStats[]>((sftp, done) => sftp.readdir(handle, done), signal));
    }
  } catch (error) {
    if (statusOf(error) === STATUS.EOF) return entries;
    throw error;
  } finally {
    session.call<void>((sftp, done) => sftp.close(handle, done)).catch(() => undefined);
  }
}
