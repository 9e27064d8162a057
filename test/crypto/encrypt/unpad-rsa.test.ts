import { constants, publicEncrypt } from 'node:crypto';
import test from 'ava';
import { unpadRsa } from '../../../src/crypto/encrypt/unpad-rsa.js';
import { rsa } from '../pki.js';

const { publicKey, privateKey } = rsa(2048);
const SIZE = 256;

/** A block as it is before encryption: `start`, padding of bytes that are not 0, a 0, the secret. */
function block(start: readonly number[], padding: number, secret: Uint8Array): Buffer {
  const bytes = Buffer.concat([Buffer.from(start), Buffer.alloc(padding, 0x55), Buffer.of(0), secret]);
  return publicEncrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, Buffer.concat([bytes, Buffer.alloc(SIZE - bytes.length, 0x66)]));
}

test('what is padded as PKCS#1 v1.5 says', (t) => {
  const secret = Buffer.from('a key');
  t.deepEqual(unpadRsa(privateKey, publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, secret)), secret);
  t.deepEqual(unpadRsa(privateKey, block([0, 2], 8, Buffer.alloc(245, 7))), Buffer.alloc(245, 7));
});

test('another kind of block, too little padding, no end of it, another length', (t) => {
  const secret = Buffer.from('a key');
  t.is(unpadRsa(privateKey, block([0, 1], 20, secret)), undefined);
  t.is(unpadRsa(privateKey, block([1, 2], 20, secret)), undefined);
  t.is(unpadRsa(privateKey, block([0, 2], 7, secret)), undefined);
  t.is(unpadRsa(privateKey, publicEncrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, Buffer.concat([Buffer.of(0, 2), Buffer.alloc(SIZE - 2, 0x55)]))), undefined);
  t.is(unpadRsa(privateKey, Buffer.alloc(SIZE - 1)), undefined);
  t.is(unpadRsa(privateKey, Buffer.alloc(SIZE, 0xff)), undefined);
});
