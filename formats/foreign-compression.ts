import { ImgkitError } from '../src/errors.js';

/** Magic numbers of at most 4 bytes; the tool that unpacks. */
const FOREIGN: readonly (readonly [name: string, magic: readonly number[], unpack: string])[] = [
  ['xz', [0xfd, 0x37, 0x7a, 0x58], 'xz -dc'],
  ['bzip2', [0x42, 0x5a, 0x68], 'bzip2 -dc'],
  ['lz4', [0x04, 0x22, 0x4d, 0x18], 'lz4 -dc'],
  ['compress', [0x1f, 0x9d], 'uncompress -c'],
];

/** Throws `compression-unsupported` for what common tools compress with and we do not read. `head` needs 4 bytes. */
export function refuseForeignCompression(head: Uint8Array, name: string, entry?: string): void {
  const found = FOREIGN.find(([, magic]) => magic.every((byte, i) => head[i] === byte));
  if (found === undefined) return;
  const [tool, , unpack] = found;
  const what = entry === undefined ? name : `${name}: ${entry}`;
  throw new ImgkitError('compression-unsupported', `${what} is compressed with ${tool}, which is not supported; unpack it with \`${unpack}\`, or compress it with gzip or zstd.`, { file: name, entry, offset: 0, found: tool });
}
