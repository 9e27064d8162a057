import type { JsonWebKey } from 'node:crypto';
import { SSH_CURVES, type SshPublicKey } from './ssh-public-key.js';
import type { Malformed, SshReader } from './ssh-wire.js';

/**
 * Reads the fields of the private part after its type, and checks that they belong to `publicKey`. Undefined for a hardware
 * key, whose fields are passed over.
 */
export function privateJwk(reader: SshReader, publicKey: SshPublicKey, malformed: Malformed): JsonWebKey | undefined {
  const known = publicKey.key.export({ format: 'jwk' });
  const must = (same: boolean): void => {
    if (!same) throw malformed('has a private part that does not belong to its public part');
  };
  if (publicKey.application !== undefined) {
    if (known.kty === 'EC') reader.name();
    // Public point, application, flags, key handle, reserved.
    reader.string();
    reader.string();
    reader.byte();
    reader.string();
    reader.string();
    return undefined;
  }
  if (known.kty === 'OKP') {
    const point = reader.string();
    const secret = reader.string();
    if (secret.length !== 64) throw malformed('has a private part of a wrong length');
    must(base64Url(point) === known.x && base64Url(secret.subarray(32)) === known.x);
    return { ...known, d: base64Url(secret.subarray(0, 32)) };
  }
  if (known.kty === 'EC') {
    const size = SSH_CURVES.get(publicKey.type)?.size ?? 0;
    reader.name();
    const point = reader.string();
    const d = reader.mpint();
    if (d.length > size) throw malformed('has a private part of a wrong length');
    must(base64Url(point.subarray(1, 1 + size)) === known.x && base64Url(point.subarray(1 + size)) === known.y);
    return { ...known, d: base64Url(Buffer.concat([new Uint8Array(size - d.length), d])) };
  }
  const [n, e, d, qi, p, q] = [reader.mpint(), reader.mpint(), reader.mpint(), reader.mpint(), reader.mpint(), reader.mpint()];
  must(base64Url(n) === known.n && base64Url(e) === known.e && number(p) * number(q) === number(n));
  return { ...known, d: base64Url(d), p: base64Url(p), q: base64Url(q), qi: base64Url(qi), dp: exponent(d, p), dq: exponent(d, q) };
}

/** RSA's exponent for one prime, which the format leaves out. */
function exponent(d: Uint8Array, prime: Uint8Array): string {
  const hex = (number(d) % (number(prime) - 1n)).toString(16);
  return base64Url(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'));
}

function number(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

function base64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
