import type { Compression } from '../../src/content/compression.js';
import type { BlobPool } from '../../src/content/worker-pool.js';
import type { EncryptionOptions } from '../../src/crypto/encrypt/age/read-recipients.js';
import type { Limits } from '../../src/limits.js';
import type { NetworkOptions } from '../../src/network/network-options.js';
import type { VerifyMode } from '../../src/operations/ship/verify-remote.js';
import type { MakeSidecars } from '../../src/operations/trust/sign-sidecars.js';
import type { PushedBlobs } from '../../src/registry/pushed-blobs.js';
import type { ArchiveSinkFormat } from '../archive-sink.js';

export interface OpenSinkOptions {
  readonly pool: BlobPool;
  readonly limits: Limits;
  /** For a location that does not decide it. */
  readonly format: ArchiveSinkFormat;
  /** Around the whole archive. Default: by the name of the file. */
  readonly compressArchive?: Compression | undefined;
  readonly force?: boolean | undefined;
  readonly storeFolder?: string | undefined;
  readonly stdout?: NodeJS.WritableStream | undefined;
  readonly network?: NetworkOptions | undefined;
  /** Of registries: what is where, by the other pushes of the same command. */
  readonly pushed?: PushedBlobs | undefined;
  /** For whom the whole archive is encrypted; only archives are. */
  readonly encryption?: EncryptionOptions | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Says and signs what an archive is that was written; only files and URLs have room beside them for that. */
  readonly sign?: MakeSidecars | undefined;
  /** How a file at a URL is proven after it was sent. Default: `auto`. */
  readonly verify?: VerifyMode | undefined;
}
