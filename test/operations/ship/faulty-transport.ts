import { lentBytes, type LentChunk } from '../../../src/content/lent-chunk.js';
import { ImgkitError } from '../../../src/errors.js';
import { openFileTransport } from '../../../src/transport/file/file-transport.js';
import type { Abilities, ReadOptions, Transport, WriteOptions } from '../../../src/transport/transport.js';
import type { RemoteTarget } from '../../../src/operations/ship/remote-target.js';

export interface Faults {
  /** Network failure after this many bytes of a write arrived, counted from its start. */
  cutWriteAfter?: number | undefined;
  /** The same for a read. */
  cutReadAfter?: number | undefined;
  /** Fails the operation of this number, counted from 0 over all calls that change something. */
  failChange?: number | undefined;
  /** Changes what is written on its way. */
  bend?: ((chunk: Uint8Array) => Uint8Array) | undefined;
  abilities?: Partial<Abilities> | undefined;
}

/** A folder on disk behind a network that can be told to fail; what it was asked stands in `log`. */
export interface FaultyTransport extends Transport {
  readonly log: string[];
  /** Bytes of bodies that were written and read. */
  readonly traffic: { sent: number; received: number };
}

function cut(what: string): ImgkitError {
  return new ImgkitError('network-failed', `test: the connection broke while ${what}; run it again.`);
}

async function* limited<Chunk extends LentChunk>(chunks: AsyncIterable<Chunk>, after: number | undefined, what: string): AsyncGenerator<Chunk> {
  let left = after ?? Infinity;
  if (left === 0) throw cut(what);
  for await (const chunk of chunks) {
    if (chunk.length >= left) {
      yield chunk.subarray(0, left) as Chunk;
      throw cut(what);
    }
    left -= chunk.length;
    yield chunk;
  }
}

export function faultyTransport(faults: Faults = {}): FaultyTransport {
  const inner = openFileTransport();
  const log: string[] = [];
  const traffic = { sent: 0, received: 0 };
  let changes = 0;
  const change = (text: string): void => {
    log.push(text);
    if (faults.failChange === changes++) throw cut(text);
  };
  return {
    log, traffic, origin: 'test://host',
    abilities: async (path) => ({ ...(await inner.abilities(path)), ...faults.abilities }),
    stat: (path, options) => inner.stat(path, options),
    list: (path, options) => inner.list(path, options),
    async *read(path: string, options?: ReadOptions) {
      for await (const chunk of limited(inner.read(path, { ...options, lent: false }), faults.cutReadAfter, 'reading')) {
        traffic.received += chunk.length;
        yield chunk;
      }
    },
    async write(path: string, chunks: AsyncIterable<LentChunk>, options?: WriteOptions) {
      change(`write ${path.slice(path.lastIndexOf('/') + 1)} ${options?.offset ?? 0}`);
      const counted = async function* (): AsyncGenerator<LentChunk> {
        for await (const chunk of limited(chunks, faults.cutWriteAfter, 'writing')) {
          traffic.sent += chunk.length;
          yield faults.bend?.(lentBytes(chunk)) ?? chunk;
        }
      };
      await inner.write(path, counted(), { ...options, lent: true });
    },
    hash: async (path, options) => (faults.abilities?.hash === false ? undefined : inner.hash(path, options)),
    async rename(from, to, options) {
      change(`rename ${to.slice(to.lastIndexOf('/') + 1)}`);
      await inner.rename(from, to, options);
    },
    async remove(path, options) {
      if ((await inner.stat(path)) !== undefined) change(`remove ${path.slice(path.lastIndexOf('/') + 1)}`);
      await inner.remove(path, options);
    },
    makeFolder: (path, options) => inner.makeFolder(path, options),
    close: () => inner.close(),
  };
}

/** `path` at this transport as a target. */
export async function targetOf(transport: Transport, path: string): Promise<RemoteTarget> {
  return { transport, abilities: await transport.abilities(path), path, shown: `test://host${path}`, presigned: false };
}
