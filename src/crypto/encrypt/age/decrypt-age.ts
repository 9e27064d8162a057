import { timingSafeEqual } from 'node:crypto';
import type { ByteSource } from '../../../content/byte-source.js';
import { ImgkitError } from '../../../errors.js';
import { dearmor } from './armor.js';
import { NONCE } from './age-size.js';
import { AGE_HEAD, isBinaryAge } from './detect.js';
import { HeadReader } from './head-reader.js';
import { parseHeader, type AgeHeader } from './header.js';
import { headerMac, payloadKey } from './key-schedule.js';
import { malformedAge } from './malformed.js';
import { openPayload } from './payload.js';
import { runPayload, WORTH_THREADS, type PayloadOutput } from './payload-threads.js';
import type { AgeIdentity } from './recipient.js';

export interface DecryptAgeOptions {
  /** For errors. */
  readonly name: string;
  readonly signal?: AbortSignal | undefined;
}

export interface DecryptAgeFileOptions extends DecryptAgeOptions {
  /** Bytes of the age file done so far. */
  readonly onBytes?: ((done: number) => void) | undefined;
}

/**
 * The content of the age file in `chunks`, binary or armored (C2SP age.md). What is yielded was proven chunk by chunk, but
 * only the end of the stream proves that nothing is missing: keep it out of sight until then.
 * Throws `ciphertext-malformed` for a damaged file, `decryption-refused` when none of `identities` is meant,
 * `limit-exceeded` for a passphrase that would take too much work.
 */
export async function* decryptAge(chunks: AsyncIterable<Uint8Array>, identities: readonly AgeIdentity[], { name, signal }: DecryptAgeOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = new HeadReader(dearmor(chunks, name), name);
  try {
    const key = await readHead(reader, identities, name);
    yield* openPayload(reader.rest(), { key, name, signal });
  } finally {
    await reader.close();
  }
}

/**
 * As {@link decryptAge}, for a binary age file of some size to an open file, from its start: in several threads. Returns the bytes of
 * the content, or undefined, and nothing is done, for a source that is to be streamed. Throws also `disk-full`, `io-failed`.
 */
export async function decryptAgeFile(source: ByteSource, identities: readonly AgeIdentity[], output: PayloadOutput, { name, signal, onBytes }: DecryptAgeFileOptions): Promise<number | undefined> {
  const input = source.size < WORTH_THREADS ? undefined : source.locate({ offset: 0, length: source.size });
  if (input === undefined || !isBinaryAge(await source.read(0, AGE_HEAD))) return undefined;
  const reader = new HeadReader(source.stream(undefined, signal), name);
  let key: Uint8Array;
  try {
    key = await readHead(reader, identities, name);
  } finally {
    await reader.close();
  }
  const start = reader.taken;
  const range = { fd: input.fd, offset: input.offset + start, length: input.length - start };
  return runPayload({ way: 'open', name, input: range, output, key }, { signal, onBytes: (done) => onBytes?.(start + done) });
}

/** Takes everything before the payload; its key. */
async function readHead(reader: HeadReader, identities: readonly AgeIdentity[], name: string): Promise<Uint8Array> {
  const header = await parseHeader(() => reader.line(), name);
  const fileKey = await unwrap(header, identities, name);
  const nonce = await reader.bytes(NONCE);
  if (nonce.length < NONCE) throw malformedAge(name, 'it ends before its content');
  return payloadKey(fileKey, nonce);
}

async function unwrap({ stanzas, mac, signed }: AgeHeader, identities: readonly AgeIdentity[], name: string): Promise<Uint8Array> {
  for (const identity of identities) {
    const fileKey = await identity.unwrap(stanzas, name);
    if (fileKey === undefined) continue;
    if (!timingSafeEqual(headerMac(fileKey, signed), mac)) throw malformedAge(name, 'its header does not match its MAC');
    return fileKey;
  }
  throw refused(stanzas.map(({ type }) => type), identities, name);
}

function refused(types: readonly string[], identities: readonly AgeIdentity[], name: string): ImgkitError {
  const found = [...new Set(types)].slice(0, 5).map((type) => type.slice(0, 40)).join(', ');
  const passphrase = types.includes('scrypt');
  const given = identities.map(({ label }) => label).slice(0, 5).join(', ');
  const needed = passphrase ? 'a passphrase' : `${types.length} ${types.length === 1 ? 'recipient' : 'recipients'} of type ${found}`;
  const next = passphrase
    ? identities.some(({ label }) => label === 'a passphrase') ? 'the passphrase is wrong' : 'give it with --passphrase-file'
    : identities.length === 0 ? 'give the identity with --identity' : `none of the given ones is among them (${given})`;
  return new ImgkitError('decryption-refused', `${name} is encrypted for ${needed}: ${next}.`, { file: name, expected: needed, found: given === '' ? 'no identity' : given });
}
