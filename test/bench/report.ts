import { cpus, totalmem } from 'node:os';
import { median, type Run } from './measure.js';
import type { Job } from './jobs.js';

export interface Result {
  readonly job: Job;
  readonly ours: readonly Run[];
  readonly peer: readonly Run[];
  /** Bytes of what was written, ours and the peer's. */
  readonly sizes?: readonly [number, number] | undefined;
  readonly note?: string | undefined;
}

const HEAD = ['job', 'against', 'ours, s', 'peer, s', 'ratio', 'goal', 'met', 'peak MB', 'note'];

/** The results as a Markdown table: medians, and the median of the ratios run by run. */
export function table(results: readonly Result[]): string {
  const rows = results.map(row);
  return [HEAD, HEAD.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function row({ job, ours, peer, sizes, note }: Result): readonly string[] {
  const { atMost, atMostOver, mostPeakMb } = job;
  const ratio = median(ours.map(({ seconds }, i) => seconds / (peer[i]?.seconds ?? Number.NaN)));
  const over = median(ours.map(({ seconds }, i) => (seconds - (peer[i]?.seconds ?? Number.NaN)) * 1000));
  const peakMb = Math.max(...ours.map((run) => run.peakMb));
  const met = (atMost !== undefined ? ratio <= atMost : over <= (atMostOver ?? Infinity)) && peakMb <= (mostPeakMb ?? Infinity);
  const goal = atMost !== undefined ? String(Number(atMost.toFixed(2))) : atMostOver === undefined ? '-' : `+${atMostOver} ms`;
  return [
    job.name, job.against,
    median(ours.map(({ seconds }) => seconds)).toFixed(2), median(peer.map(({ seconds }) => seconds)).toFixed(2),
    atMostOver === undefined ? ratio.toFixed(2) : `+${over.toFixed(0)} ms`, mostPeakMb === undefined ? goal : `${goal}, ${mostPeakMb} MB`, met ? 'yes' : 'NO',
    peakMb.toFixed(0),
    note ?? (sizes === undefined ? '' : `${mb(sizes[0])} against ${mb(sizes[1])} MB`),
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
