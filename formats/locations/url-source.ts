import type { ByteSource } from '../../src/content/byte-source.js';
import { countedChunks } from '../../src/content/counted-chunks.js';
import { spool } from '../../src/content/spool.js';
import { ImgkitError } from '../../src/errors.js';
import type { ImageSource } from '../../src/image/image-source.js';
import type { RemoteTarget } from '../../src/operations/ship/remote-target.js';
import { openTarget } from '../../src/operations/ship/open-target.js';
import { remoteSource } from '../../src/transport/remote-source.js';
import type { RemoteStat } from '../../src/transport/transport.js';
import { openStored } from '../open-archive.js';
import { openArchiveStream } from '../open-packed.js';
import type { OpenSourceOptions } from './open-source-options.js';

/**
 * Opens the archive at a URL. Where the server can give ranges, it is read in place: the index, and then only what is asked for. One that
 * is compressed as a whole, at a server without ranges, or must be what was signed, is spooled once to a private temporary file. The caller closes it.
 */
export async function openUrlArchive(url: string, options: OpenSourceOptions): Promise<ImageSource> {
  const target = await openTarget(url, { network: options.network, signal: options.signal, purpose: 'read' });
  const { transport, path, shown } = target;
  try {
    const stat = await requireFile(target, options.signal);
    const named = { ...options, location: shown };
    if (target.abilities.readRange && stat.size !== undefined && options.proveChunks === undefined) {
      return await openStored(remoteSource(transport, { name: shown, path, size: stat.size, version: stat.version, signal: options.signal }), named);
    }
    const opened = await openArchiveStream(watched(target, stat, options), shown, named);
    await transport.close();
    return opened;
  } catch (error) {
    await transport.close();
    throw error;
  }
}

/** All of the file at a URL, in a private temporary file, as stored. The caller closes it. Throws as the transport does, `file-not-found`, `disk-full`. */
export async function spoolUrl(url: string, options: Pick<OpenSourceOptions, 'network' | 'signal' | 'onProgress'>): Promise<ByteSource> {
  const target = await openTarget(url, { network: options.network, signal: options.signal, purpose: 'read' });
  try {
    const stat = await requireFile(target, options.signal);
    return await spool(target.shown, watched(target, stat, options), { signal: options.signal });
  } finally {
    await target.transport.close();
  }
}

async function requireFile({ transport, path, shown }: RemoteTarget, signal: AbortSignal | undefined): Promise<RemoteStat> {
  if (path.endsWith('/')) throw new ImgkitError('location-invalid', `${shown}: the URL names a folder; name a file in it. \`imgkit list\` shows what is there.`, { file: shown });
  const stat = await transport.stat(path, { signal });
  if (stat === undefined) throw new ImgkitError('file-not-found', `${shown}: there is no such file at the server; check the path.`, { file: shown });
  if (stat.kind === 'folder') throw new ImgkitError('location-unsupported', `${shown}: is a folder; name a file in it, or end the URL with / to list it.`, { file: shown });
  return stat;
}

function watched({ transport, path, shown }: RemoteTarget, { size, version }: RemoteStat, { signal, onProgress }: Pick<OpenSourceOptions, 'signal' | 'onProgress'>): AsyncGenerator<Uint8Array> {
  return countedChunks(transport.read(path, { version, signal }), (done) => onProgress?.({ phase: 'fetch', item: shown, done, total: size }));
}
