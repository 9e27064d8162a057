import { DEFAULT_LIMITS } from '../../src/limits.js';
import type { TarEntry, TarMode } from '../../src/tar/tar-entry.js';
import { TarScanner, type TarScanResult } from '../../src/tar/tar-scanner.js';

export interface Scanned extends TarScanResult {
  readonly list: readonly TarEntry[];
  readonly bodies: readonly Buffer[];
}

/** Runs `bytes` through the scanner in pieces of `step` bytes and collects everything. */
export function scan(bytes: Uint8Array, mode: TarMode, step: number | (() => number) = bytes.length): Scanned {
  const list: TarEntry[] = [];
  const bodies: Buffer[][] = [];
  const scanner = new TarScanner({
    file: 'test.tar', mode, limits: DEFAULT_LIMITS,
    onEntry: (entry) => { list.push(entry); bodies.push([]); },
    onBody: (_entry, chunk) => { bodies.at(-1)?.push(Buffer.from(chunk)); },
  });
  for (let at = 0; at < bytes.length; ) {
    const size = typeof step === 'number' ? step : step();
    scanner.push(bytes.subarray(at, at + size));
    at += size;
  }
  return { ...scanner.end(), list, bodies: bodies.map((pieces) => Buffer.concat(pieces)) };
}
