const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const DICTIONARY_BYTES = [0, 1, 2, 4] as const;
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;
/** Largest frame header, RFC 8878 section 3.1.1.1, and the 3 bytes of the first block header. */
const HEADER_BYTES = 18 + 3;
/** Steps from block to block before giving up: a block is up to 128 KiB, so this covers gigabytes in under a second. */
const MOST_BLOCKS = 50_000;

/**
 * The sum of the content sizes in the headers of all frames of `length` compressed bytes, stepping over their blocks;
 * undefined when a frame does not tell its size, or the frames do not end where the bytes do.
 */
export async function zstdContentSize(bytesAt: (at: number, want: number) => Promise<Buffer>, length: number): Promise<number | undefined> {
  if (length === 0) return undefined;
  let total = 0;
  let blocks = 0;
  let at = 0;
  while (at < length) {
    const head = await bytesAt(at, HEADER_BYTES);
    if (head.length < 8) return undefined;
    if ((head.readUInt32LE(0) & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) {
      at += 8 + head.readUInt32LE(4);
      blocks += 1;
    } else {
      const frame = frameHeader(head);
      if (frame === undefined) return undefined;
      total += frame.contentSize;
      at += frame.headerSize;
      for (let last = false; !last; blocks += 1) {
        const block = await bytesAt(at, 3);
        if (block.length < 3 || blocks > MOST_BLOCKS) return undefined;
        const header = block.readUIntLE(0, 3);
        last = (header & 1) !== 0;
        // A run-length block (type 1) stores one byte, however long the run.
        at += 3 + (((header >> 1) & 3) === 1 ? 1 : header >> 3);
      }
      if (frame.checksum) at += 4;
    }
    if (blocks > MOST_BLOCKS) return undefined;
  }
  return at === length && total <= Number.MAX_SAFE_INTEGER ? total : undefined;
}

function frameHeader(head: Buffer): { readonly headerSize: number; readonly contentSize: number; readonly checksum: boolean } | undefined {
  if (head.readUInt32LE(0) !== FRAME_MAGIC) return undefined;
  const descriptor = head.readUInt8(4);
  const singleSegment = (descriptor & 0x20) !== 0;
  const at = 5 + (singleSegment ? 0 : 1) + (DICTIONARY_BYTES[descriptor & 3] ?? 0);
  const sizeClass = descriptor >> 6;
  const sizeBytes = sizeClass === 0 && singleSegment ? 1 : (CONTENT_SIZE_BYTES[sizeClass] ?? 0);
  if (sizeBytes === 0 || head.length < at + sizeBytes) return undefined;
  const claim = sizeBytes === 8 ? Number(head.readBigUInt64LE(at)) : head.readUIntLE(at, sizeBytes);
  return { headerSize: at + sizeBytes, contentSize: sizeBytes === 2 ? claim + 256 : claim, checksum: (descriptor & 4) !== 0 };
}
