/** Object identifiers of encrypted CMS (RFC 5652, 5083, 5084, 5753, 3565, 4055). */
export const CMS_OID = {
  data: '1.2.840.113549.1.7.1',
  enveloped: '1.2.840.113549.1.7.3',
  authEnveloped: '1.2.840.113549.1.9.16.1.23',
  rsa: '1.2.840.113549.1.1.1',
  rsaOaep: '1.2.840.113549.1.1.7',
  mgf1: '1.2.840.113549.1.1.8',
  emptyLabel: '1.2.840.113549.1.1.9',
  ecPublicKey: '1.2.840.10045.2.1',
  ecdhSha256: '1.3.132.1.11.1',
  aes256Wrap: '2.16.840.1.101.3.4.1.45',
  aes256Gcm: '2.16.840.1.101.3.4.1.46',
} as const;

/** Hash functions of OAEP, and of the key derivation of ECDH (dhSinglePass-stdDH), by their identifiers. */
export const OAEP_HASHES: ReadonlyMap<string, string> = new Map([
  ['1.3.14.3.2.26', 'sha1'], ['2.16.840.1.101.3.4.2.1', 'sha256'], ['2.16.840.1.101.3.4.2.2', 'sha384'], ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);
export const ECDH_HASHES: ReadonlyMap<string, string> = new Map([
  ['1.3.133.16.840.63.0.2', 'sha1'], [CMS_OID.ecdhSha256, 'sha256'], ['1.3.132.1.11.2', 'sha384'], ['1.3.132.1.11.3', 'sha512'],
]);

/** AES key wrap: Node's name, and the bytes of the key that wraps. */
export const KEY_WRAPS: ReadonlyMap<string, { readonly cipher: string; readonly keyBytes: number }> = new Map([
  ['2.16.840.1.101.3.4.1.5', { cipher: 'id-aes128-wrap', keyBytes: 16 }],
  ['2.16.840.1.101.3.4.1.25', { cipher: 'id-aes192-wrap', keyBytes: 24 }],
  [CMS_OID.aes256Wrap, { cipher: 'id-aes256-wrap', keyBytes: 32 }],
]);

/** A cipher for content. */
export interface ContentCipher {
  /** As Node calls it. */
  readonly name: string;
  readonly keyBytes: number;
  /** GCM: a changed byte is noticed. CBC: it is not. */
  readonly gcm: boolean;
}

export const CONTENT_CIPHERS: ReadonlyMap<string, ContentCipher> = new Map([
  ['2.16.840.1.101.3.4.1.2', { name: 'aes-128-cbc', keyBytes: 16, gcm: false }],
  ['2.16.840.1.101.3.4.1.22', { name: 'aes-192-cbc', keyBytes: 24, gcm: false }],
  ['2.16.840.1.101.3.4.1.42', { name: 'aes-256-cbc', keyBytes: 32, gcm: false }],
  ['2.16.840.1.101.3.4.1.6', { name: 'aes-128-gcm', keyBytes: 16, gcm: true }],
  ['2.16.840.1.101.3.4.1.26', { name: 'aes-192-gcm', keyBytes: 24, gcm: true }],
  [CMS_OID.aes256Gcm, { name: 'aes-256-gcm', keyBytes: 32, gcm: true }],
]);

export const GCM_NONCE = 12;
export const GCM_TAG = 16;
