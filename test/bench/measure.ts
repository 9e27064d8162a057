import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/** One run of a whole process. */
export interface Run {
  readonly seconds: number;
  /** Peak resident memory in MB (the kernel's high-water mark of the process itself). */
  readonly peakMb: number;
}

/** Runs a command as a user would start it, its output thrown away. Throws when it fails, with what it said. */
export async function measure(command: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const [file = '', ...args] = command;
  const started = performance.now();
  // Node reads these certificates at every start, which takes longer than the start itself; no peer is asked to.
  const { NODE_EXTRA_CA_CERTS: _, ...rest } = process.env;
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...rest, ...env } });
  let peakMb = 0;
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
  const sample = (): void => {
    peakMb = Math.max(peakMb, highWaterMark(child.pid));
  };
  const timer = setInterval(sample, 20);
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  const seconds = (performance.now() - started) / 1000;
  clearInterval(timer);
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${said}`);
  return { seconds, peakMb };
}

/** VmHWM only ever grows, so the last sample before the end is at most one interval old. */
function highWaterMark(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1000;
  } catch {
    return 0;
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
