import { alignBits, flushBits, putBits, startBits, writtenBytes } from './bits';
import { writeBlock, writeStored } from './block';
import { MARGIN } from './match';
import { HEAD, INPUT, OUTPUT, TABLES_BYTES } from './memory';
import { rememberChains, searchChains } from './search-chains';
import { rememberFast, searchFast } from './search-fast';
import { startSequences } from './sequences';
import { makeTables } from './symbols';

// Deflate (RFC 1951), in AssemblyScript. Nothing outlives a call: equal input gives equal output, on every machine.

/** Bytes after which a block ends, at the next match: its codes fit what is in it. More where it is to be fast: codes take time. */
const BLOCK: usize = 49152;
const FAST_BLOCK: usize = 131072;

makeTables();

/** Where the caller puts what came before, and behind it the input. */
export function inputAt(): usize {
  return INPUT;
}

/** Where the output is. */
export function outputAt(): usize {
  return OUTPUT;
}

/** Stores `length` bytes that stand behind `before` others. Returns the bytes of output. */
export function storePart(before: u32, length: u32, last: bool): u32 {
  startBits();
  writeStored(INPUT + before, INPUT + before + length, last);
  return endPart(last);
}

/**
 * Compresses `length` bytes that stand behind `before` others, to which matches reach back. Without `last` the output ends with an empty
 * block and a whole byte, so that more may follow. With `depth` 0 it looks at one candidate for each match. Returns the bytes of output.
 */
export function deflatePart(before: u32, length: u32, last: bool, depth: u32, nice: u32, lazy: bool): u32 {
  startBits();
  memory.fill(HEAD, 0, TABLES_BYTES);
  let at = INPUT + before;
  const end = at + length;
  if (length < <u32>MARGIN) writeStored(at, end, last);
  else if (depth == 0) rememberFast(INPUT, at);
  else rememberChains(INPUT, at);
  while (length >= <u32>MARGIN && at < end) {
    startSequences();
    const limit = min(end, at + (depth == 0 ? FAST_BLOCK : BLOCK));
    const to = depth == 0 ? searchFast(at, limit, end) : searchChains(at, limit, end, depth, nice, lazy);
    writeBlock(at, to, last && to == end);
    at = to;
  }
  return endPart(last);
}

function endPart(last: bool): u32 {
  if (!last) {
    putBits(0, 3);
    alignBits();
    putBits(0xffff0000, 32);
    flushBits();
  } else alignBits();
  return writtenBytes();
}
