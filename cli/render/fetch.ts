import type { FetchResult } from '../../src/index.js';
import { escape } from './escape.js';
import { bytes } from './units.js';
import { wrap } from './width.js';

const CHECKED = { expect: 'as expected', statement: 'as its checksum file says', nothing: 'compared with nothing' } as const;

/** Where the file is, what proved it, who signed it, and what came with it. */
export function renderFetch({ status, path, size, digest, checkedBy, notes, sidecars, receivedBytes, signatures = [] }: FetchResult): readonly string[] {
  const less = status === 'fetched' && receivedBytes < size ? [`${bytes(receivedBytes)} went over the network`] : [];
  const beside = sidecars.length === 0 ? [] : [`with ${sidecars.map(escape).join(', ')}`];
  const signed = signatures.map(({ format, identity, keyId }) => `signed by ${escape(identity ?? keyId)} (${format}${identity === undefined ? '' : `, ${escape(keyId)}`})`);
  const remarks = [`${digest}  ${CHECKED[checkedBy]}`, ...signed, ...(status === 'already-there' ? ['the very file was here already'] : []), ...notes.map(escape), ...less, ...beside];
  return [`${status === 'fetched' ? 'fetched' : 'there'}  ${escape(path)}  ${bytes(size)}`, ...remarks.flatMap((remark) => wrap(remark, 76).map((line) => `  ${line}`))];
}
