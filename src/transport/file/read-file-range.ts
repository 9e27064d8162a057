import { open } from 'node:fs/promises';
import { throwIfInterrupted } from '../../content/interrupted.js';
import { ImgkitError } from '../../errors.js';
import type { ReadOptions } from '../transport.js';
import { fileError } from './file-error.js';
import { fileVersion } from './file-version.js';

const CHUNK = 1024 * 1024;

/** The bytes asked for and no fewer; `network-failed` when the file ends before, or is not `version` at the start or at the end. */
export async function* readFileRange(path: string, { offset = 0, length, version, signal }: ReadOptions): AsyncGenerator<Uint8Array> {
  throwIfInterrupted(signal, `reading file://${path}`);
  try {
    const handle = await open(path, 'r');
    try {
      const requireVersion = async (): Promise<number> => {
        const info = await handle.stat({ bigint: true });
        if (!info.isFile()) throw new ImgkitError('remote-refused', `file://${path}: is not a file; name a file in a folder.`, { file: path });
        if (version !== undefined && fileVersion(info) !== version) throw new ImgkitError('network-failed', `file://${path}: the file changed while it was read; run it again.`, { file: path });
        return Number(info.size);
      };
      const size = await requireVersion();
      const end = length === undefined ? Math.max(size, offset) : offset + length;
      if (end > size) throw endsEarly(path, size, end);
      for (let at = offset; at < end;) {
        throwIfInterrupted(signal, `reading file://${path}`);
        const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK, end - at));
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
        if (bytesRead === 0) throw endsEarly(path, at, end);
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
      if (version !== undefined) await requireVersion();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(error, path, 'reading it');
  }
}

function endsEarly(path: string, found: number, expected: number): ImgkitError {
  return new ImgkitError('network-failed', `file://${path}: ends at byte ${found}, but bytes up to ${expected} were asked for; it changed, so run it again.`, {
    file: path, expected: `${expected} bytes`, found: `${found} bytes`,
  });
}
