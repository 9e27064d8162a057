/** A raw tar builder that checks nothing, so that wrong bytes can be written. Independent of src/tar. */
export interface RawFields {
  readonly name?: string | Uint8Array;
  readonly type?: string;
  /** A number is written as octal; text as it stands. */
  readonly size?: number | string | Uint8Array;
  readonly mode?: string;
  readonly uid?: string | Uint8Array;
  readonly gid?: string | Uint8Array;
  readonly mtime?: string | Uint8Array;
  readonly link?: string | Uint8Array;
  readonly magic?: string;
  readonly uname?: string;
  readonly prefix?: string;
  readonly devMajor?: string;
  readonly checksum?: string;
  readonly signedChecksum?: true;
  /** Bytes written over the finished header, before the checksum. */
  readonly patch?: readonly (readonly [offset: number, bytes: string | Uint8Array])[];
}

export const END = Buffer.alloc(1024);
export const USTAR = 'ustar\x0000';
export const GNU = 'ustar  \0';
export const V7 = '\0\0\0\0\0\0\0\0';

export function raw(fields: RawFields = {}): Buffer {
  const block = Buffer.alloc(512);
  const put = (at: number, room: number, value: string | Uint8Array): void => {
    Buffer.from(typeof value === 'string' ? Buffer.from(value, 'utf8') : value).copy(block, at, 0, room);
  };
  const { size = 0 } = fields;
  put(0, 100, fields.name ?? 'file');
  put(100, 8, fields.mode ?? '0000644\0');
  put(108, 8, fields.uid ?? '0000000\0');
  put(116, 8, fields.gid ?? '0000000\0');
  put(124, 12, typeof size === 'number' ? `${size.toString(8).padStart(11, '0')}\0` : size);
  put(136, 12, fields.mtime ?? '00000000000\0');
  put(148, 8, '        ');
  put(156, 1, fields.type ?? '0');
  put(157, 100, fields.link ?? '');
  put(257, 8, fields.magic ?? USTAR);
  put(265, 32, fields.uname ?? '');
  put(329, 8, fields.devMajor ?? '0000000\0');
  put(337, 8, '0000000\0');
  put(345, 155, fields.prefix ?? '');
  for (const [offset, bytes] of fields.patch ?? []) put(offset, 512 - offset, bytes);
  let sum = 0;
  for (const byte of block) sum += fields.signedChecksum ? (byte << 24) >> 24 : byte;
  put(148, 8, fields.checksum ?? `${sum.toString(8).padStart(6, '0')}\0 `);
  return block;
}

export function padded(body: string | Uint8Array): Buffer {
  const bytes = Buffer.from(body as Uint8Array);
  return Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

/** A header and its body, the size filled in unless given. */
export function item(fields: RawFields, body: string | Uint8Array = ''): Buffer {
  const bytes = Buffer.from(body as Uint8Array);
  return Buffer.concat([raw({ size: bytes.length, ...fields }), padded(bytes)]);
}

export function file(name: string, body: string | Uint8Array = 'hello'): Buffer {
  return item({ name }, body);
}

export function record(key: string, value: string | Uint8Array): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value as Uint8Array), Buffer.from('\n')]);
  for (let length = rest.length + 1; ; length++) {
    if (String(length).length + rest.length === length) return Buffer.concat([Buffer.from(String(length)), rest]);
  }
}

export function pax(records: Record<string, string>, type: 'x' | 'g' = 'x'): Buffer {
  return paxBody(Buffer.concat(Object.entries(records).map(([key, value]) => record(key, value))), type);
}

export function paxBody(body: string | Uint8Array, type: 'x' | 'g' = 'x'): Buffer {
  return item({ name: 'PaxHeaders/x', type }, body);
}

export function longName(name: string, type: 'L' | 'K' = 'L'): Buffer {
  return item({ name: '././@LongLink', type, magic: GNU }, `${name}\0`);
}

export function tar(...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([...parts, END]);
}

/** GNU base-256 of `length` bytes. */
export function base256(value: bigint, length = 12): Buffer {
  const bytes = Buffer.alloc(length);
  let rest = BigInt.asUintN(8 * length, value);
  for (let i = length - 1; i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  bytes[0] = (value < 0n ? 0xff : 0x80) | (bytes[0] as number);
  return bytes;
}
