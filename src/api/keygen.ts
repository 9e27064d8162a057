import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { makePrivate } from '../content/make-private.js';
import type { MakeKey, MakeKeyOptions } from '../crypto/keys/key-maker.js';
import { resolvePassphrase, type PassphraseOptions } from '../crypto/keys/passphrase.js';
import { writeKeyFile } from '../crypto/keys/write-key-file.js';
import { ImgkitError } from '../errors.js';
import { beginCall } from './begin-call.js';
import { keyTypeOptions, type KeyTypeOptions } from './keygen-options.js';
import { oneOf, PATH } from './option-kinds.js';
import { ISSUER } from './option-shapes.js';

/** The types of keys, each loaded when it is asked for. One line makes a type known to `keygen` everywhere. */
const MAKERS = {
  ssh: async () => (await import('../crypto/keys/make-ssh-key.js')).makeSshKey,
  cosign: async () => (await import('../crypto/keys/make-cosign-key.js')).makeCosignKey,
  minisign: async () => (await import('../crypto/keys/make-minisign-key.js')).makeMinisignKey,
  x509: async () => (await import('../crypto/keys/x509-key.js')).makeX509Key,
  age: async () => (await import('../crypto/encrypt/age/make-age-key.js')).makeAgeKey,
} as const satisfies Record<string, () => Promise<MakeKey>>;

export type KeyType = keyof typeof MAKERS;

export interface KeygenOptions extends PassphraseOptions, KeyTypeOptions {
  readonly type: KeyType;
  /** Made when it is not there. */
  readonly folder: string;
  /** Base name of the files. Default: the type. */
  readonly name?: string | undefined;
  /** Whose key it is, for people; part of what others get. */
  readonly comment?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface KeygenResult {
  readonly type: KeyType;
  /** Fingerprint or key ID. */
  readonly keyId: string;
  readonly files: readonly { readonly path: string; readonly secret: boolean }[];
  /** What others need, where that is one line. */
  readonly publicLine?: string | undefined;
  /** One sentence each. */
  readonly notes: readonly string[];
}

/**
 * Makes a key and writes its files: the secret one with mode 0600, protected by the passphrase if one is given; none is ever
 * overwritten. Throws `file-exists`, `key-refused`, `key-exposed`, `usage`, `io-failed`.
 */
export async function keygen(options: KeygenOptions): Promise<KeygenResult> {
  beginCall(options, { type: oneOf(...Object.keys(MAKERS)), folder: PATH, 'ca?': ISSUER });
  const { type, folder, comment = '', signal } = options;
  const name = options.name ?? type;
  if (!/^[\w][\w.+@-]{0,99}$/.test(name)) throw new ImgkitError('usage', `"${name}" cannot name a key file: use letters, digits and . _ + @ -, as in --name release.`);
  if (/[\p{Cc}\p{Cs}]/u.test(comment) || comment.length > 1000) throw new ImgkitError('usage', 'A comment must be one line of printable text.');
  const make: MakeKey = await MAKERS[type]();
  const basic: MakeKeyOptions = { name, comment, passphrase: await resolvePassphrase(options, signal), signal };
  const made = await make({ ...basic, ...(await keyTypeOptions(options, signal)) });
  await makePrivate(folder);
  const files = made.files.map((file) => ({ ...file, path: join(folder, file.name) }));
  for (const { path } of files) await requireAbsent(path);
  for (const { path, bytes, secret } of files) await writeKeyFile(path, bytes, { secret });
  return { type, keyId: made.keyId, files: files.map(({ path, secret }) => ({ path, secret })), publicLine: made.publicLine, notes: made.notes };
}

/** Before the first file is written: half a key pair beside an old half would be worse than none. */
async function requireAbsent(path: string): Promise<void> {
  if ((await lstat(path).catch(() => undefined)) !== undefined) {
    throw new ImgkitError('file-exists', `${path} exists already; keys are never overwritten: choose another folder or name, or move it away first.`, { file: path });
  }
}
