/**
 * What an age file may ask of us before any of it is authenticated: fixed, as age's own are. Listed in docs/limits.md.
 */
export const AGE_BOUNDS = Object.freeze({
  /** Bytes of a header; 100 recipients with RSA 4096 need 80 KiB. */
  headerBytes: 1024 * 1024,
  /** Recipient stanzas in one header. */
  stanzas: 1000,
  /** log2 of the scrypt work factor that a file may ask for; 22 takes 4 GiB of memory. As age. */
  scryptLogN: 22,
  /** Bytes of a file of recipients or identities. */
  keyFileBytes: 4 * 1024 * 1024,
});

/** log2 of the scrypt work factor that is written; about a second. As age. */
export const SCRYPT_LOG_N = 18;
