/** How the tools print keys: SHA-256 of SSH, cosign and certificates, sixteen digits of minisign, the fingerprints of GPG, with spaces or without. */
const KEY_NAME = /^SHA256:|\(sha256:[0-9a-f]+\)$|^[0-9A-F]{16}$|^(?:[0-9A-F]{4} *){10}$|^[0-9A-F]{64}$/i;

/** True for what names a key rather than its owner: who may choose a name for themselves must not be taken for a key by it. */
export function namesKey(text: string): boolean {
  return KEY_NAME.test(text);
}
