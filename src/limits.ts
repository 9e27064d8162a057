/**
 * Every bound that protects against hostile or broken input, in one place.
 * Operations that read untrusted bytes take `limits?: Partial<Limits>`; {@link resolveLimits} fills in the rest.
 */
export interface Limits {
  /** Largest JSON control document (manifest, index, manifest.json), bytes. */
  readonly documentBytes: number;
  /** Largest image config, bytes. */
  readonly configBytes: number;
  /** Deepest nesting of a JSON document. */
  readonly jsonDepth: number;
  /** Deepest nesting of an index in an index. */
  readonly indexDepth: number;
  /** Most descriptors one index or manifest may list. */
  readonly descriptors: number;
  /** Most entries an image archive may hold. */
  readonly archiveEntries: number;
  /** Most entries a layer may hold. */
  readonly layerEntries: number;
  /** Largest pax header or GNU long name, bytes. */
  readonly paxBytes: number;
  /** Most records in one pax header. */
  readonly paxRecords: number;
  /** Deepest path in a tar, components. */
  readonly pathDepth: number;
  /** Longest path in a tar, bytes. */
  readonly pathBytes: number;
  /** Most bytes one compressed stream may expand to, per compressed byte, past `ratioFloor`. */
  readonly compressionRatio: number;
  /** Expansion up to this many bytes is always allowed. */
  readonly ratioFloor: number;
}

export const DEFAULT_LIMITS: Limits = Object.freeze({
  documentBytes: 4 * 1024 * 1024,
  configBytes: 8 * 1024 * 1024,
  jsonDepth: 64,
  indexDepth: 4,
  descriptors: 10_000,
  archiveEntries: 100_000,
  layerEntries: 4_000_000,
  paxBytes: 1024 * 1024,
  paxRecords: 10_000,
  pathDepth: 2_000,
  pathBytes: 65_536,
  compressionRatio: 900,
  ratioFloor: 64 * 1024 * 1024,
});

/** Fixed bounds for certificates, CRLs and CMS signatures: DER. No real one comes near them. */
export const DER_LIMITS = Object.freeze({
  /** Deepest nesting. */
  depth: 32,
  /** Largest signature file, bytes; it holds the signers' certificates. */
  signatureBytes: 1024 * 1024,
  /** Largest certificate, bytes. */
  certificateBytes: 64 * 1024,
  /** Largest certificate revocation list, bytes. */
  crlBytes: 32 * 1024 * 1024,
  /** Most certificates in one file or signature. */
  certificates: 1_000,
  /** Most signers of one signature. */
  signers: 32,
  /** Longest chain from a signer to a root. */
  chainLength: 8,
  /** Most links that are tried to find a chain. */
  chainLinks: 64,
});

/** Fixed bounds for statements, detached signatures and what they are checked against. No real one comes near them. */
export const SIGNING_LIMITS = Object.freeze({
  /** Largest statement, bytes. */
  statementBytes: 1024 * 1024,
  /** Most files that one statement may name. */
  statementEntries: 10_000,
  /** Largest signature file, bytes. */
  signatureBytes: 1024 * 1024,
  /** Most signatures that are looked at for one statement. */
  signatures: 32,
  /** Largest file of public keys, allowed signers or revocations, bytes. */
  trustFileBytes: 16 * 1024 * 1024,
  /** How often at least, and at most, the passphrase of a PKCS#12 file must be stretched. */
  leastPkcs12Iterations: 1000,
  mostPkcs12Iterations: 1_000_000,
});

/** Fixed bounds for GPG keys and signatures, before any of one is believed. */
export const OPENPGP_LIMITS = Object.freeze({
  /** Largest file of keys, bytes. */
  keyFileBytes: 4 * 1024 * 1024,
  /** Most packets in it: keys that strangers certified have hundreds. */
  keyPackets: 5_000,
  /** Largest signature packet, bytes. */
  signaturePacketBytes: 16 * 1024,
  /** Largest signed document, bytes, decompressed. */
  documentBytes: 64 * 1024,
});

/** Fixed bounds for a trust folder. */
export const TRUST_LIMITS = Object.freeze({
  /** Most files in it. */
  files: 2_000,
  /** Most bytes of one file: a large CRL. */
  fileBytes: 32 * 1024 * 1024,
  /** Most bytes of all files. */
  totalBytes: 128 * 1024 * 1024,
});

/** Fixed bounds for age files, before any of one is authenticated. They fit what age itself writes and reads. */
export const AGE_LIMITS = Object.freeze({
  /** Largest header, bytes; 100 recipients with RSA 4096 need 80 KiB. */
  headerBytes: 1024 * 1024,
  /** Most recipients of one file. */
  recipients: 1_000,
  /** log2 of the scrypt work that a file may ask for; 22 takes 4 GiB of memory. */
  scryptLogN: 22,
  /** Largest file of recipients or identities, bytes. */
  keyFileBytes: 4 * 1024 * 1024,
});

/** Fixed bounds for encrypted CMS. */
export const CMS_LIMITS = Object.freeze({
  /** Most bytes of content: openssl holds all of it in memory, three times. */
  contentBytes: 1024 * 1024 * 1024,
  /** Largest list of recipients, bytes. */
  headerBytes: 1024 * 1024,
  /** Most recipients of one message. */
  recipients: 1_000,
});

/** Fixed bounds for what a host says of its folders: a listing may be endless. */
export const REMOTE_LIMITS = Object.freeze({
  /** Most names in one remote folder. */
  entries: 100_000,
  /** Longest listing that is read, bytes: each name of a length that file systems allow, with room for what stands beside it. */
  listingBytes: 100_000 * 512,
});

/** Fixed bounds for a report, so that the page opens quickly whatever the image is. */
export const REPORT_LIMITS = Object.freeze({
  /** Most files that are named one by one; the largest are. */
  files: 20_000,
  /** Most files and folders of the map. */
  nodes: 60_000,
  /** Most characters of their names. */
  nameCharacters: 4 * 1024 * 1024,
  /** Most changed paths. */
  changes: 1_000,
  /** Most rows of every other table. */
  rows: 500,
  /** Most characters of one text. */
  textCharacters: 4_000,
});

/** `overrides` over {@link DEFAULT_LIMITS}. */
export function resolveLimits(overrides: Partial<Limits> = {}): Limits {
  return { ...DEFAULT_LIMITS, ...overrides };
}
