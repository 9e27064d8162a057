import { encodeHeader, type TarHeaderFields } from '../../src/tar/encode-header.js';
import { paddingOf } from '../../src/tar/block.js';

/** An entry of a layer; the size is that of the body. */
export interface LayerEntry extends Omit<TarHeaderFields, 'size'> {
  readonly body?: string | Uint8Array;
}

/** A layer tar of `entries` as they stand; text is an entry in short: `d/` a folder, `a -> b` a symlink, `a = b` a hard link, `a:body` a file. */
export function layerEntries(...entries: readonly (LayerEntry | string)[]): Buffer {
  const blocks: Uint8Array[] = [];
  for (const each of entries) {
    const { body = '', ...fields } = typeof each === 'string' ? parse(each) : each;
    const bytes = Buffer.from(body as Uint8Array);
    blocks.push(encodeHeader({ ...fields, size: bytes.length }), bytes, Buffer.alloc(paddingOf(bytes.length)));
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

function parse(short: string): LayerEntry {
  if (short.endsWith('/')) return { path: short.slice(0, -1), type: 'directory' };
  const link = /^(.*) (->|=) (.*)$/.exec(short);
  if (link !== null) return { path: link[1] as string, type: link[2] === '=' ? 'hardlink' : 'symlink', linkPath: link[3] as string };
  const colon = short.indexOf(':');
  return colon === -1 ? { path: short } : { path: short.slice(0, colon), body: short.slice(colon + 1) };
}
