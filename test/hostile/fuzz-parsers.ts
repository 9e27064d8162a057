import { ImgkitError } from '../../src/index.js';
import { contentTargets } from './fuzz-content-targets.js';
import { fileTargets } from './fuzz-file-targets.js';
import { imageTargets } from './fuzz-image-targets.js';
import { Random } from './fuzz-mutations.js';
import { registryTargets } from './fuzz-registry-targets.js';
import { remoteTargets } from './fuzz-remote-targets.js';
import { secretTargets } from './fuzz-secret-targets.js';
import { readSeeds } from './fuzz-seeds.js';
import { stateTargets } from './fuzz-state-targets.js';
import type { FuzzTarget } from './fuzz-target.js';
import { transportTargets } from './fuzz-transport-targets.js';
import { trustTargets } from './fuzz-trust-targets.js';

/** Processor time of one case, milliseconds. */
const MOST_MS = 1000;
/** Memory that one case may take, bytes, beyond its input. */
const MOST_MEMORY = 256 * 1024 * 1024;

/** Every parser of bytes that come from elsewhere. */
export function parserTargets(): readonly FuzzTarget[] {
  const seeds = readSeeds();
  return [...imageTargets(), ...contentTargets(seeds), ...trustTargets(seeds), ...secretTargets(seeds), ...remoteTargets(), ...fileTargets(), ...registryTargets(), ...transportTargets(), ...stateTargets()];
}

/** The input of a case: it depends on the target, the seed and the number only. */
export function inputOf({ name, seeds, changes }: FuzzTarget, seed: number, number: number): Buffer {
  const random = new Random(seed * 1_000_003 + number + Buffer.from(name).reduce((sum, byte) => sum * 31 + byte, 0) % 2 ** 31);
  let bytes: Buffer = Buffer.from(random.pick(seeds));
  for (let times = 1 + random.below(3); times > 0; times -= 1) bytes = Buffer.from(random.pick(changes)(bytes, random, seeds));
  return bytes;
}

/** What is wrong with how `target` takes `bytes`; undefined when it returns or throws an ImgkitError, in time and within its memory. */
export async function problemWith(target: FuzzTarget, bytes: Buffer): Promise<string | undefined> {
  const before = process.memoryUsage();
  const start = performance.now();
  const problem = await outcome(target, bytes);
  const after = process.memoryUsage();
  const grown = after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers;
  if (problem !== undefined) return problem;
  if (grown > MOST_MEMORY) return `took ${grown} bytes of memory`;
  return performance.now() - start > MOST_MS ? slow(target, bytes) : undefined;
}

async function outcome(target: FuzzTarget, bytes: Buffer): Promise<string | undefined> {
  try {
    await target.run(bytes);
    return undefined;
  } catch (error) {
    // The message may quote the input: the command escapes what it prints.
    return error instanceof ImgkitError && error.message !== '' ? undefined : `threw ${String((error as Error).stack ?? error)}`;
  }
}

/** A busy machine stretches time: what was slow is done again, and its processor time counts. */
async function slow(target: FuzzTarget, bytes: Buffer): Promise<string | undefined> {
  const before = process.cpuUsage();
  await outcome(target, bytes);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 > MOST_MS ? `took ${Math.round((user + system) / 1000)} ms for ${bytes.length} bytes` : undefined;
}
