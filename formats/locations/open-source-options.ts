import type { DecryptionOptions } from '../../src/crypto/encrypt/age/read-identities.js';
import type { Limits } from '../../src/limits.js';
import type { NetworkOptions } from '../../src/network/network-options.js';
import type { WorkOptions } from '../../src/progress.js';
import type { OpenArchiveOptions } from '../open-archive.js';

export interface OpenSourceOptions extends WorkOptions {
  readonly limits: Limits;
  readonly storeFolder?: string | undefined;
  readonly stdin?: AsyncIterable<Uint8Array> | undefined;
  readonly network?: NetworkOptions | undefined;
  /** Of a registry: find the artifacts about the image too, which takes requests of its own. */
  readonly referrers?: boolean | undefined;
  readonly decryption?: DecryptionOptions | undefined;
  /** For local archive files: gets the open file before anything in it is read, and throws when it is not to be read. */
  readonly prove?: OpenArchiveOptions['prove'];
  /** For archives from a host or standard input: what it lets through may be read. Such an archive is spooled whole. */
  readonly proveChunks?: OpenArchiveOptions['proveChunks'];
}
