/** How a blob or archive is compressed. */
export type Compression = 'none' | 'gzip' | 'zstd';

/** Judged by magic number alone; `head` needs 4 bytes. Zstandard skippable frames count as zstd. */
export function sniffCompression(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd && head[0] === 0x28) return 'zstd';
  if (head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18 && (head[0] ?? 0) >= 0x50 && (head[0] ?? 0) <= 0x5f) return 'zstd';
  return 'none';
}
