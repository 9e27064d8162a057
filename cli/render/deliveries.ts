import type { Delivery, SendResult } from '../../src/index.js';
import { EXIT, exitCodes, type ExitCode } from '../exit-code.js';
import { escape } from './escape.js';
import { bytes } from './units.js';
import { wrap } from './width.js';

const PROOF = { size: 'size verified', hash: 'SHA-256 computed by the server', readback: 'read back and compared' } as const;
const NOTE_WIDTH = 76;

/** A line for each file and host, what is to be said of it below, and a summary when there are several. */
export function renderDeliveries({ deliveries }: SendResult): readonly string[] {
  const lines = deliveries.flatMap(paragraph);
  if (deliveries.length < 2) return lines;
  const failed = deliveries.filter(({ status }) => status === 'failed').length;
  return [...lines, failed === 0 ? `all ${deliveries.length} delivered` : `FAILED: ${failed} of ${deliveries.length}; run it again to go on where they stopped`];
}

/** The URLs that have their file. */
export function renderDeliveriesQuiet({ deliveries }: SendResult): readonly string[] {
  return deliveries.filter(({ status }) => status !== 'failed').map(({ url }) => escape(url));
}

/** What failed and why, which nobody who asks for little wants to miss. */
export function renderFailures({ deliveries }: SendResult): readonly string[] {
  return deliveries.filter(({ status }) => status === 'failed').flatMap(paragraph);
}

/** The exit code of what failed, where that is one and the same; else that of the network. */
export function deliveryExit({ deliveries }: SendResult): ExitCode {
  const codes = new Set(deliveries.flatMap(({ error }) => (error === undefined ? [] : [exitCodes[error.code]])));
  const [only] = codes;
  return only === undefined ? EXIT.done : codes.size === 1 ? only : EXIT.network;
}

function paragraph(delivery: Delivery): readonly string[] {
  return [headline(delivery), ...remarks(delivery).flatMap((remark) => wrap(escape(remark), NOTE_WIDTH).map((line) => `  ${line}`))];
}

function headline({ status, url, size }: Delivery): string {
  const word = status === 'sent' ? 'sent   ' : status === 'failed' ? 'FAILED ' : 'there  ';
  return `${word}${escape(url)}  ${bytes(size)}`;
}

function remarks({ digest, proof, notes, error, status, size, sentBytes }: Delivery): readonly string[] {
  if (error !== undefined) return [...notes, error.message];
  const less = status === 'sent' && sentBytes !== undefined && sentBytes < size ? [`${bytes(sentBytes)} went over the network`] : [];
  return [`${digest}  ${proof === undefined ? '' : PROOF[proof]}`.trimEnd(), ...(status === 'already-there' ? ['the very file was there already'] : []), ...notes, ...less];
}
