import { randomBytes } from 'node:crypto';
import type { ExecutionContext, SerialFn, TestFn } from 'ava';
import type { Abilities, Transport } from '../../src/transport/transport.js';

/** One server under the contract, started by the test file and reachable on its disk, so that the transport's word is not all there is. */
export interface TransportHarness {
  /** A new transport; the suite closes it. */
  open(): Promise<Transport>;
  /** A folder at the server, absolute and without a `/` at the end, that exists and that the user may write to. */
  readonly folder: string;
  /** What lies at the server, read without the transport; undefined when nothing does. */
  readBack(path: string): Promise<Buffer | undefined>;
  /** Puts a file there without the transport. */
  plant(path: string, bytes: Uint8Array): Promise<void>;
  /** Stops the server. */
  stop?(): Promise<void>;
}

export interface TransportUnderTest {
  /** Starts the server; called once, by the first test. */
  readonly start: () => Promise<TransportHarness>;
  /** What the transport must say of this server. */
  readonly abilities: Abilities;
  /** Names that the server itself cannot hold; default: none. */
  readonly impossibleNames?: readonly string[] | undefined;
}

/** What a case gets: a transport of its own and a path of its own. */
export interface TransportCase {
  readonly t: ExecutionContext;
  readonly transport: Transport;
  readonly harness: TransportHarness;
  readonly abilities: Abilities;
  /** `name` in the server's folder, made unique. */
  path(name: string): string;
}

export type RegisterCase = (title: string, run: (given: TransportCase) => Promise<void>) => void;

/** Registers cases that run one after the other: a small server has few connections to give. */
export function caseRegistry(test: TestFn, name: string, { start, abilities }: TransportUnderTest): RegisterCase {
  let started: Promise<TransportHarness> | undefined;
  let number = 0;
  test.after.always(`${name}: stop`, async () => (await started?.catch(() => undefined))?.stop?.());
  const serial: SerialFn = test.serial;
  return (title, run) => {
    const id = (number += 1);
    serial(`${name}: ${title}`, async (t) => {
      const harness = await (started ??= start());
      const transport = await harness.open();
      try {
        await run({ t, transport, harness, abilities, path: (file) => `${harness.folder}/${id}-${file}` });
      } finally {
        await transport.close();
      }
    });
  };
}

/** `bytes` in chunks of up to `size`. */
export async function* chunked(bytes: Uint8Array, size = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Bytes that no compression or luck makes right. */
export function noise(length: number): Buffer {
  return randomBytes(length);
}
