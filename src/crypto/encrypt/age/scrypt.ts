import { randomBytes, scrypt } from 'node:crypto';
import { ImgkitError } from '../../../errors.js';
import { decodeBase64, encodeBase64 } from './base64.js';
import { AGE_LIMITS } from '../../../limits.js';
import { isSealedFileKey, openFileKey, sealFileKey } from './key-schedule.js';
import { malformedAge } from './malformed.js';
import type { AgeIdentity, AgeRecipient } from './recipient.js';

// C2SP age.md, "The scrypt recipient type".
const LABEL = 'age-encryption.org/v1/scrypt';
const TYPE = 'scrypt';
const SALT = 16;
const BLOCK_SIZE = 8;
/** log2 of the work that is asked for when writing; about a second, as age does. */
const SCRYPT_LOG_N = 18;

/** A passphrase as the only recipient. `logN` is for tests: less is weak. */
export function scryptRecipient(passphrase: string, logN: number = SCRYPT_LOG_N): AgeRecipient {
  return {
    label: 'a passphrase',
    alone: true,
    async wrap(fileKey) {
      const salt = randomBytes(SALT);
      return { type: TYPE, args: [encodeBase64(salt), String(logN)], body: sealFileKey(fileKey, await derive(passphrase, salt, logN)) };
    },
  };
}

/** A passphrase that may open a file. A file that asks for more than 2^22 of work is refused (`limit-exceeded`). */
export function scryptIdentity(passphrase: string): AgeIdentity {
  return {
    label: 'a passphrase',
    async unwrap(stanzas, name) {
      const stanza = stanzas.find(({ type }) => type === TYPE);
      if (stanza === undefined) return undefined;
      const { args: [saltText = '', work = '', ...more], body } = stanza;
      const salt = decodeBase64(saltText);
      if (salt?.length !== SALT || !/^[1-9][0-9]*$/.test(work) || more.length > 0 || !isSealedFileKey(body)) throw malformedAge(name, 'the passphrase part of its header is malformed');
      const logN = Number(work);
      if (logN > AGE_LIMITS.scryptLogN) {
        const [expected, found] = [`at most 2^${AGE_LIMITS.scryptLogN}`, `2^${work.slice(0, 20)}`];
        throw new ImgkitError('limit-exceeded', `${name}: it asks for ${found} steps of scrypt for a passphrase, and ${expected} are made here; ask the sender to encrypt it with less work, or for a key (-r age1...).`, { file: name, expected, found });
      }
      return openFileKey(body, await derive(passphrase, salt, logN));
    },
  };
}

function derive(passphrase: string, salt: Uint8Array, logN: number): Promise<Buffer> {
  const cost = 2 ** logN;
  const maxmem = 128 * cost * BLOCK_SIZE + 1024 * 1024;
  return new Promise((resolve, reject) => {
    scrypt(passphrase, Buffer.concat([Buffer.from(LABEL), salt]), 32, { cost, blockSize: BLOCK_SIZE, parallelization: 1, maxmem }, (error, key) => {
      if (error === null) resolve(key);
      else reject(new ImgkitError('limit-exceeded', `There is not enough memory for the 2^${logN} steps of scrypt that the passphrase takes (${Math.ceil(maxmem / 2 ** 20)} MiB); run it where that much is free, or encrypt for a key instead.`, {}, { cause: error }));
    });
  });
}
