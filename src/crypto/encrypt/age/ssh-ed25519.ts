import { randomBytes } from 'node:crypto';
import { ImgkitError } from '../../../errors.js';
import { decodeBase64, encodeBase64 } from './base64.js';
import { montgomeryOf } from './edwards.js';
import { hkdf, isSealedFileKey, openFileKey, sealFileKey } from './key-schedule.js';
import { malformedAge } from './malformed.js';
import type { AgeIdentity, AgeRecipient } from './recipient.js';
import { keyTag } from './ssh-key-tag.js';
import { x25519, x25519Public } from './x25519.js';

// age's agessh: an Ed25519 key as an X25519 one, with a tweak that binds the file key to the SSH key.
const TYPE = 'ssh-ed25519';
const LABEL = 'age-encryption.org/v1/ssh-ed25519';
const LENGTH = 32;

/** The recipient of a raw Ed25519 public key, whose SSH encoding is `blob`. Throws `key-malformed`. */
export function sshEd25519Recipient(publicKey: Uint8Array, blob: Uint8Array, label: string): AgeRecipient {
  const { point, tweak } = keyParts(publicKey, blob, label);
  return {
    label,
    async wrap(fileKey) {
      const ephemeral = randomBytes(LENGTH);
      const share = x25519Public(ephemeral);
      const secret = twice(ephemeral, point, tweak);
      if (secret === undefined) throw invalid(label);
      return { type: TYPE, args: [encodeBase64(keyTag(blob)), encodeBase64(share)], body: sealFileKey(fileKey, hkdf(secret, Buffer.concat([share, point]), LABEL)) };
    },
  };
}

/** The identity of an Ed25519 key pair, from its secret scalar. */
export function sshEd25519Identity(scalar: Uint8Array, publicKey: Uint8Array, blob: Uint8Array, label: string): AgeIdentity {
  const { point, tweak } = keyParts(publicKey, blob, label);
  return {
    label,
    async unwrap(stanzas, name) {
      for (const { type, args, body } of stanzas) {
        if (type !== TYPE) continue;
        const [tag, share] = args.map(decodeBase64);
        if (args.length !== 2 || tag?.length !== 4 || share?.length !== LENGTH || !isSealedFileKey(body)) throw malformedAge(name, 'an ssh-ed25519 recipient in its header is malformed');
        if (!tag.equals(keyTag(blob))) continue;
        const secret = twice(scalar, share, tweak);
        if (secret === undefined) throw malformedAge(name, 'an ssh-ed25519 recipient in its header has a share of low order');
        const fileKey = openFileKey(body, hkdf(secret, Buffer.concat([share, point]), LABEL));
        if (fileKey !== undefined) return fileKey;
      }
      return undefined;
    },
  };
}

function keyParts(publicKey: Uint8Array, blob: Uint8Array, label: string): { readonly point: Buffer; readonly tweak: Buffer } {
  const point = montgomeryOf(publicKey);
  if (point === undefined) throw invalid(label);
  return { point, tweak: hkdf(Buffer.alloc(0), blob, LABEL) };
}

function twice(scalar: Uint8Array, point: Uint8Array, tweak: Uint8Array): Buffer | undefined {
  const shared = x25519(scalar, point);
  return shared && x25519(tweak, shared);
}

function invalid(label: string): ImgkitError {
  return new ImgkitError('key-malformed', `${label}: this Ed25519 key is not a valid point; get the recipient's real key.`, { file: label });
}
