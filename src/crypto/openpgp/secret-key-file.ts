import { isArmored } from './armor.js';

/** First bytes of a binary file: a secret key packet with a length of one, two or four bytes, or of the new format. */
const SECRET_KEY_HEADS: ReadonlySet<number> = new Set([0x94, 0x95, 0x96, 0xc5]);

/** True for what `gpg --export-secret-keys` writes, armored or not. */
export function isGpgSecretKey(bytes: Uint8Array): boolean {
  return isArmored(bytes) ? Buffer.from(bytes).includes('-----BEGIN PGP PRIVATE KEY BLOCK-----') : SECRET_KEY_HEADS.has(bytes[0] ?? 0);
}
