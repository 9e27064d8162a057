import { isKrl } from '../../crypto/sign/ssh-krl.js';

/** What people name as a public key and is none, in the order in which it is looked for: how to know it, what it is, and what to do. */
const KINDS: readonly (readonly [sign: RegExp, what: string])[] = [
  [/-----BEGIN X509 CRL-----/, 'is a list of revoked certificates; name it with --crl'],
  [/-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----/, 'is a request for a certificate; name the root certificate with --cert'],
  [/-----BEGIN RSA PUBLIC KEY-----/, 'is an RSA key as PKCS #1; write it as others do: openssl rsa -RSAPublicKey_in -in FILE -pubout'],
  [/---- BEGIN SSH2 PUBLIC KEY ----/, 'is an SSH key in the form of RFC 4716; write it in one line: ssh-keygen -i -f FILE'],
  [/-----BEGIN (?:SSH SIGNATURE|PKCS7|CMS|PGP SIGNATURE)-----/, 'is a signature; name it with --signature, and here the key of who made it'],
  [/^(?:#[^\n]*\n)*age1[0-9a-z]+\s*$/, 'is a recipient of age, to whom one encrypts (-r); it proves nothing'],
  [/^[0-9a-f]{64} [ *]\S/m, 'is a list of checksums; name it with --statement'],
  [/^\s*\{[^]*"(?:default|repositories)"/, 'is a policy; it works in a trust folder: imgkit trust add DIR FILE, then --trust DIR'],
  [/^\s*\{[^]*"mediaType"[^]*sigstore/, 'is a signature of sigstore; name it with --signature, and here the key of who made it'],
  [/^(?:[^#\s]\S*\s+)(?:\S+\s+)?(?:ssh-|ecdsa-|sk-)\S+\s+AAAA/m, 'is a list of SSH keys and whose they are; name it with --allowed-signers'],
];

/** What a file is that is no public key, and which option takes it, as the end of a sentence about it. */
export function describeForeignFile(bytes: Uint8Array, text: string): string {
  if (bytes.length === 0) return 'is empty';
  if (isKrl(bytes)) return 'is a list of revoked SSH keys; name it with --revoked-keys';
  // Whatever is DER: certificates are what one has so.
  if (bytes[0] === 0x30) return 'is binary, as certificates and keys in DER are; name a certificate with --cert, and write a key as PEM: openssl pkey -pubin -inform DER -in FILE';
  if (text.split(/\r?\n/).filter((line) => /^(?:ssh-|ecdsa-|sk-)/.test(line)).length > 1) return 'holds several SSH keys; give each a file of its own, or say whose each is in a list for --allowed-signers';
  return KINDS.find(([sign]) => sign.test(text))?.[1] ?? 'is no public key of cosign (PEM), minisign, SSH or GPG; certificates are named with --cert, lists of SSH keys with --allowed-signers';
}
