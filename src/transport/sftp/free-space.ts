import type { SftpSession } from './sftp-session.js';

interface FileSystem {
  readonly f_frsize: number;
  readonly f_bavail: number;
}

/** Bytes that this user may still write where `path` lies; undefined when the server does not tell. */
export async function freeSpace(session: SftpSession, path: string): Promise<number | undefined> {
  if (!session.offers('statvfs@openssh.com')) return undefined;
  try {
    const { f_frsize: block, f_bavail: blocks } = await session.call<FileSystem>((sftp, done) => sftp.ext_openssh_statvfs(path, (error, info) => done(error, info as FileSystem)));
    const free = block * blocks;
    return Number.isFinite(free) ? free : undefined;
  } catch {
    // Only asked to explain another error.
    return undefined;
  }
}
