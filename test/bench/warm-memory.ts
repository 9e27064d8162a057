import { closeSync, ftruncateSync, openSync, readFileSync, readSync, unlinkSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';

/** Of a file that is all hole: more than any machine has memory. */
const APPARENT = 8 * 1024 ** 4;
const PIECE = Buffer.allocUnsafeSlow(1024 * 1024);
/** What the system keeps free itself, as a part of all. */
const KEPT = 0.01;
/** What was deleted may not be free at once. */
const LOOKS = 4;

/**
 * Keeps memory as it is on a machine that has run for a while: what is not in use holds files, and who needs some gets it from those; a tenth
 * was seen to stay free all the same. A virtual machine gives free memory back to its host within seconds, and to get it anew takes longer
 * than most jobs: without this, whoever comes second in a pair writes into what the first has just freed, and seems to be quicker.
 */
export class WarmMemory {
  readonly #fd: number;
  #at = 0;

  /** `folder` is on a disk: in memory, this does nothing, slowly. */
  constructor(folder: string) {
    const path = join(folder, 'hole');
    this.#fd = openSync(path, 'wx+');
    unlinkSync(path);
    ftruncateSync(this.#fd, APPARENT);
  }

  /** Fills what is free with the contents of a file that nobody wants; nothing is written. The first time takes up to a minute, later ones 2 s for each GB. */
  fill(): void {
    for (let look = 0; look < LOOKS; look += 1) {
      const free = freeMemory();
      for (const end = this.#at + free - KEPT * totalmem(); this.#at < end; this.#at += PIECE.length) readSync(this.#fd, PIECE, 0, PIECE.length, this.#at);
      // Holes take no memory where the file is in memory itself.
      if (freeMemory() >= free) return;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** Bytes in no use at all; `os.freemem` counts those that hold files, too. */
function freeMemory(): number {
  return Number(/^MemFree:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'latin1'))?.[1] ?? 0) * 1024;
}
