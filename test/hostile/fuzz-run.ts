import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ImgkitError, load, verify, type ErrorCode } from '../../src/index.js';
import { dockerParts, hybridParts, named, ociParts } from '../helpers/archive-parts.js';
import { image, index, layer, pack } from '../helpers/image-builder.js';
import { storeEntries, storeLeftovers } from '../helpers/scratch.js';
import { mutate, Random } from './fuzz-mutations.js';

const BROKEN: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'tar-malformed', 'tar-truncated', 'document-malformed', 'format-unknown', 'format-ambiguous', 'compression-malformed', 'compression-unsupported',
  'digest-malformed', 'digest-mismatch', 'size-mismatch', 'diffid-mismatch', 'blob-missing', 'limit-exceeded',
]);
/** Processor time of one case, milliseconds; a busy machine does not stretch it. */
const MOST_MS = 1000;

export interface FuzzResult {
  readonly accepted: number;
  /** One line for each case that broke a rule: reproducible by seed and number. */
  readonly failures: readonly string[];
}

/** The valid archives that are mutated. */
export function seeds(): readonly Uint8Array[] {
  const plain = image('plain', { layers: [layer('base'), layer('plain')] });
  const packed = image('app', { layers: [layer('base', { gzip: true }), layer('app')] });
  const both = index([{ ...packed.descriptor, platform: { os: 'linux', architecture: 'amd64' } }], [packed]);
  return [
    pack(dockerParts('skopeo', [named(plain, 'plain:1')])),
    pack(dockerParts('docker20', [named(plain, 'plain:1'), named(image('second', { layers: [layer('base'), layer('second')] }), 'second:1')])),
    pack(ociParts([named(both, 'app:1'), named(plain, 'plain:1')])),
    pack(hybridParts([named(packed, 'app:1'), named(plain, 'plain:1')])),
  ];
}

/**
 * Runs `cases` mutations. Each must be refused with an error about the input, or be accepted by verify and load alike, and
 * then the store it was loaded into verifies. Case `n` depends on `seed` and `n` only.
 */
export async function fuzz(folder: string, seed: number, cases: number, first = 0): Promise<FuzzResult> {
  const archives = seeds();
  const failures: string[] = [];
  let accepted = 0;
  for (let number = first; number < first + cases; number += 1) {
    const random = new Random(seed * 1_000_003 + number);
    const mutated = mutate(random.pick(archives), random);
    const bytes = random.below(10) === 0 ? gzipSync(mutated) : mutated;
    const problem = await oneCase(folder, bytes);
    if (problem === 'accepted') accepted += 1;
    else if (problem !== 'refused') {
      await writeFile(join(folder, `failed-${seed}-${number}.tar`), bytes);
      failures.push(`seed ${seed}, case ${number}: ${problem}`);
    }
  }
  return { accepted, failures };
}

async function oneCase(folder: string, bytes: Uint8Array): Promise<string> {
  const target = join(folder, 'case.tar');
  const storeFolder = join(folder, 'store');
  await writeFile(target, bytes);
  const before = process.cpuUsage();
  try {
    const report = await verify({ target, storeFolder });
    const error = await load({ from: target, storeFolder }).then(() => undefined, (reason: unknown) => reason ?? 'nothing');
    const { user, system } = process.cpuUsage(before);
    if ((user + system) / 1000 > MOST_MS) return `took ${(user + system) / 1000} ms`;
    if ((await storeLeftovers(storeFolder)).length > 0) return 'left unfinished blobs in the store';
    // Nothing to move is an answer, not a fault of the input: manifest.json may list no images.
    if (error instanceof ImgkitError && error.code === 'image-not-found') return 'refused';
    if (error === undefined !== report.ok) return `verify says ${report.ok ? 'right' : 'wrong'}, load says ${String(error ?? 'right')}`;
    if (error === undefined) return (await verify({ target: 'store:', storeFolder })).ok ? 'accepted' : 'the store does not verify';
    if (!(error instanceof ImgkitError)) return `threw ${String((error as Error).stack)}`;
    if (!BROKEN.has(error.code)) return `threw ${error.code}: ${error.message}`;
    if (/\p{Cc}/u.test(error.message)) return `message with control characters: ${JSON.stringify(error.message)}`;
    return (await storeEntries(storeFolder)).length === 0 ? 'refused' : 'refused, but the store names it';
  } catch (error) {
    return `threw out of verify: ${String((error as Error).stack)}`;
  } finally {
    await rm(storeFolder, { recursive: true, force: true });
  }
}
