import { cpus, totalmem } from 'node:os';
import { median, type Run } from './measure.js';
import type { Job } from './jobs.js';

export interface Result {
  readonly job: Job;
  readonly ours: readonly Run[];
  readonly peer: readonly Run[];
  /** Bytes of what was written, ours and the peer's. */
  readonly sizes?: readonly [number, number] | undefined;
}

const HEAD = ['job', 'against', 'ours, s', 'peer, s', 'ratio', 'goal', 'met', 'peak MB', 'note'];

/** The results as a Markdown table: medians, and the median of the ratios run by run. */
export function table(results: readonly Result[]): string {
  const rows = results.map(row);
  return [HEAD, HEAD.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function row({ job, ours, peer, sizes }: Result): readonly string[] {
  const ratio = median(ours.map(({ seconds }, i) => seconds / (peer[i]?.seconds ?? Number.NaN)));
  const over = median(ours.map(({ seconds }, i) => (seconds - (peer[i]?.seconds ?? Number.NaN)) * 1000));
  const goal = job.atMost === undefined ? `+${job.atMostOver} ms` : String(job.atMost);
  const met = job.atMost === undefined ? over <= (job.atMostOver ?? 0) : ratio <= job.atMost;
  return [
    job.name, job.against,
    median(ours.map(({ seconds }) => seconds)).toFixed(2), median(peer.map(({ seconds }) => seconds)).toFixed(2),
    job.atMost === undefined ? `+${over.toFixed(0)} ms` : ratio.toFixed(2), goal, met ? 'yes' : 'NO',
    Math.max(...ours.map(({ peakMb }) => peakMb)).toFixed(0),
    sizes === undefined ? '' : `${mb(sizes[0])} against ${mb(sizes[1])} MB`,
  ];
}

function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

/** The machine, in one line. */
export function machine(): string {
  const all = cpus();
  return `${all.length} x ${all[0]?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
}
