import { constants, privateDecrypt, publicEncrypt, type KeyObject } from 'node:crypto';
import { decodeBase64, encodeBase64 } from './base64.js';
import { FILE_KEY } from './key-schedule.js';
import { malformedAge } from './malformed.js';
import type { AgeIdentity, AgeRecipient } from './recipient.js';
import { keyTag } from './ssh-key-tag.js';

// age's agessh: RSAES-OAEP with SHA-256 and this label.
const TYPE = 'ssh-rsa';
const OAEP = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256', oaepLabel: Buffer.from('age-encryption.org/v1/ssh-rsa') } as const;

/** The recipient of an RSA public key, whose SSH encoding is `blob`. Whether it is strong enough is the caller's to know. */
export function sshRsaRecipient(publicKey: KeyObject, blob: Uint8Array, label: string): AgeRecipient {
  return {
    label,
    wrap: async (fileKey) => ({ type: TYPE, args: [encodeBase64(keyTag(blob))], body: publicEncrypt({ key: publicKey, ...OAEP }, fileKey) }),
  };
}

/** The identity of an RSA private key, the SSH encoding of whose public half is `blob`. */
export function sshRsaIdentity(privateKey: KeyObject, blob: Uint8Array, label: string): AgeIdentity {
  return {
    label,
    async unwrap(stanzas, name) {
      for (const { type, args, body } of stanzas) {
        if (type !== TYPE) continue;
        const tag = args.length === 1 ? decodeBase64(args[0] as string) : undefined;
        if (tag?.length !== 4) throw malformedAge(name, 'an ssh-rsa recipient in its header is malformed');
        if (!tag.equals(keyTag(blob))) continue;
        const fileKey = decrypt(privateKey, body);
        if (fileKey?.length === FILE_KEY) return fileKey;
      }
      return undefined;
    },
  };
}

function decrypt(key: KeyObject, body: Uint8Array): Buffer | undefined {
  try {
    return privateDecrypt({ key, ...OAEP }, body);
  } catch {
    return undefined;
  }
}
