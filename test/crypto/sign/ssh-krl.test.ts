import test from 'ava';
import { decodeBase64 } from '../../../src/crypto/keys/base64-strict.js';
import { parseSshPublicLine } from '../../../src/crypto/keys/ssh-public-line.js';
import { isKrl, krlRevokes } from '../../../src/crypto/sign/ssh-krl.js';
import { isImgkitError } from '../../../src/errors.js';
import { flips } from './flips.js';
import { SSH_VECTORS } from './ssh-vectors.js';

/** Lists that ssh-keygen -k made: of the keys p256 and ed25519, and of the fingerprint of ed25519. */
const LISTS = {
  keys: 'U1NIS1JMCgAAAAABAAAAAAAAAAAAAAAAawFBTgAAAAAAAAAAAAAAAAAAAAACAAAAowAAADMAAAALc3NoLWVkMjU1MTkAAAAgFaAgr9QRuU0+1h/UPIZ4ukbe7Z38nyDHrHgG1a0G4d8AAABoAAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBMI2ZiLUr4C4BFCT8fV/SKvZhGA6AuwEVvf3q6GEYqZhiFxk/uN6VgGZqOTOnRT+IAymtfSe4bZk+RYxY+O7C8Y=',
  fingerprints: 'U1NIS1JMCgAAAAABAAAAAAAAAAAAAAAAawFBTgAAAAAAAAAAAAAAAAAAAAAFAAAAJAAAACBsxntxJNWhrqG18PzrRRhpaM/tk2mMSjHzJj/7QkkDXQ==',
} as const;
const blobOf = (name: keyof typeof SSH_VECTORS): Uint8Array => parseSshPublicLine(SSH_VECTORS[name].publicLine, name).blob;

for (const [kind, revoked] of [['keys', ['p256', 'ed25519']], ['fingerprints', ['ed25519']]] as const) {
  const bytes = decodeBase64(LISTS[kind]) ?? new Uint8Array();

  test(`a list of ${kind} revokes what it names`, (t) => {
    t.true(isKrl(bytes));
    for (const name of ['p256', 'ed25519', 'rsa'] as const) t.is(krlRevokes({ name: 'k', bytes }, blobOf(name)), (revoked as readonly string[]).includes(name), name);
  });

  test(`a list of ${kind} that is cut is no list`, (t) => {
    for (let length = 8; length < bytes.length; length += 1) {
      try {
        // A cut between two sections cannot be seen: the format has no end. It can only lose what comes after.
        krlRevokes({ name: 'k', bytes: bytes.subarray(0, length) }, blobOf('rsa'));
      } catch (error) {
        t.true(isImgkitError(error, 'key-malformed'), String(error));
        continue;
      }
      t.is(length, 44, 'the head alone');
    }
  });

  test(`a list of ${kind} with a changed bit revokes, or is refused, and breaks nothing`, (t) => {
    for (const { flipped } of flips(bytes)) {
      try {
        t.is(typeof krlRevokes({ name: 'k', bytes: flipped }, blobOf('ed25519')), 'boolean');
      } catch (error) {
        t.true(isImgkitError(error, 'key-malformed'), String(error));
      }
    }
  });
}
