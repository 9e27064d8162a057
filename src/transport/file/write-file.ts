import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { throwIfInterrupted } from '../../content/interrupted.js';
import { lentBytes, type LentChunk } from '../../content/lent-chunk.js';
import { syncAhead } from '../../content/sync-ahead.js';
import { writeFully } from '../../content/write-fully.js';
import { ImgkitError, isImgkitError } from '../../errors.js';
import type { WriteOptions } from '../transport.js';
import { fileError } from './file-error.js';

/** Writes the file from `offset` on and syncs it. What was there stays as far as it got when the work is stopped. Never follows a link. */
export async function writeFile(path: string, chunks: AsyncIterable<LentChunk>, { offset = 0, size, signal, onSent }: WriteOptions): Promise<void> {
  throwIfInterrupted(signal, `writing file://${path}`);
  try {
    const handle = await open(path, constants.O_WRONLY | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0), 0o666);
    const ahead = syncAhead(handle);
    try {
      const present = (await handle.stat()).size;
      if (offset !== 0 && present !== offset) {
        throw new ImgkitError('remote-refused', `file://${path}: holds ${present} bytes and cannot be continued at ${offset}; start anew.`, { file: path, expected: `${offset} bytes`, found: `${present} bytes` });
      }
      if (offset === 0) await handle.truncate(0);
      let at = offset;
      for await (const chunk of chunks) {
        throwIfInterrupted(signal, `writing file://${path}`);
        await writeFully(handle, lentBytes(chunk), at, `file://${path}`);
        at += chunk.length;
        onSent?.(at);
      }
      throwIfInterrupted(signal, `writing file://${path}`);
      await ahead.finish();
      const written = (await handle.stat()).size;
      if (written !== at || (size !== undefined && at !== size)) {
        throw new ImgkitError('network-failed', `file://${path}: holds ${written} bytes after writing, not ${size ?? at}; run it again.`, { file: path, expected: `${size ?? at} bytes`, found: `${written} bytes` });
      }
    } finally {
      await ahead.stop();
      await handle.close();
    }
  } catch (error) {
    throw isImgkitError(error, 'disk-full') ? fileError(Object.assign(new Error(error.message), { code: 'ENOSPC' }), path, 'writing it') : fileError(error, path, 'writing it');
  }
}
