import { encodeHeader, type TarHeaderFields } from '../../src/tar/encode-header.js';

/** An entry of a tar, with its body as Latin-1 text. */
export type TarPart = TarHeaderFields & { readonly body?: string | undefined };

/** A tar of `entries`, in that order, end marker included. */
export function tarOf(...entries: readonly TarPart[]): Buffer {
  const parts = entries.flatMap(({ body = '', ...fields }) => [encodeHeader({ ...fields, size: body.length }), Buffer.from(body, 'latin1'), Buffer.alloc((512 - (body.length % 512)) % 512)]);
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}
