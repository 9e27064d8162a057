import type { AdmissionOptions } from './signature-check.js';
import type { Compression } from '../content/compression.js';
import type { EncryptionOptions } from '../crypto/encrypt/age/read-recipients.js';
import type { DecryptionOptions } from '../crypto/encrypt/age/read-identities.js';
import type { Limits } from '../limits.js';
import type { NetworkOptions } from '../network/network-options.js';
import type { SigningKeyOptions } from '../operations/trust/load-signer.js';
import type { WorkOptions } from '../progress.js';

/** Options that every facade call takes. */
export interface CommonOptions extends WorkOptions {
  /** Bounds for hostile input; see `limits.ts`. */
  readonly limits?: Partial<Limits> | undefined;
  /** The folder of the local store. Default: `$IMGKIT_HOME/store`, else the XDG data folder. */
  readonly storeFolder?: string | undefined;
  /** How hosts are reached and believed: for URLs and registries. */
  readonly network?: NetworkOptions | undefined;
  /** What opens an archive that is encrypted (`.age`). */
  readonly decryption?: DecryptionOptions | undefined;
  /** Stream for `-` as input. Default: `process.stdin`. */
  readonly stdin?: AsyncIterable<Uint8Array> | undefined;
}

/** With which key to sign what is written. */
export interface SigningOptions extends SigningKeyOptions {
  /** The time that the signature claims. Default: now. */
  readonly at?: Date | undefined;
}

/** The archive formats that can be written. */
export type ArchiveFormat = 'hybrid' | 'oci' | 'docker';

/** Options of the calls that write images. */
export interface WriteOptions extends CommonOptions {
  /** Whom to believe: nothing is written unless the signatures and the policy of the trust allow it. Default: no signature is asked for. */
  readonly admission?: AdmissionOptions | undefined;
  /** What archive to write. Default: `hybrid`; a `docker-archive:` or `oci-archive:` location decides by itself. */
  readonly format?: ArchiveFormat | undefined;
  /** Layers at the target. Default: as they are. */
  readonly compress?: Compression | undefined;
  /** gzip 1-9 or zstd 1-22, or `fast`. Default: 4 for gzip, 3 for zstd. */
  readonly compressLevel?: number | 'fast' | undefined;
  /** Compression around the whole archive. Default: by the name of the output (`.gz`, `.tgz`, `.zst`). */
  readonly compressArchive?: Compression | undefined;
  /** Keep only this platform (`linux/arm64/v8`) of an index. */
  readonly platform?: string | undefined;
  /** Insist on every platform an index names; an absent one is then an error. */
  readonly allPlatforms?: boolean | undefined;
  /** Let a tag move to another digest, and read the blobs that a store or layout has already, all of them: a damaged one is written again. */
  readonly force?: boolean | undefined;
  /** Encrypt the whole archive for these, as age does. Default: not at all; an output named `.age` must say for whom. */
  readonly encryption?: EncryptionOptions | undefined;
  /** Sign the archive that is written: `FILE.sha256` and the signature over it come last. Only for files and URLs. Default: not. */
  readonly signing?: SigningOptions | undefined;
  /** Stream for `-` as output. Default: `process.stdout`. */
  readonly stdout?: NodeJS.WritableStream | undefined;
}
