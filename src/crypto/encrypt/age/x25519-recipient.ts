import { randomBytes } from 'node:crypto';
import { ImgkitError } from '../../../errors.js';
import { decodeBase64, encodeBase64 } from './base64.js';
import { decodeBech32, encodeBech32 } from './bech32.js';
import { hkdf, isSealedFileKey, openFileKey, sealFileKey } from './key-schedule.js';
import { malformedAge } from './malformed.js';
import type { AgeIdentity, AgeRecipient } from './recipient.js';
import { x25519, x25519Public } from './x25519.js';

// C2SP age.md, "The X25519 recipient type".
const LABEL = 'age-encryption.org/v1/X25519';
const TYPE = 'X25519';
const LENGTH = 32;

/** The recipient `age1...`. Throws `key-malformed`; `where` names its place. */
export function x25519Recipient(text: string, where: string): AgeRecipient {
  const decoded = decodeBech32(text);
  if (decoded?.prefix !== 'age' || decoded.bytes.length !== LENGTH || text !== text.toLowerCase()) {
    throw new ImgkitError('key-malformed', `${where}: "${text.slice(0, 80)}" is no age recipient; a character is wrong or missing.`, { file: where });
  }
  return recipientOf(decoded.bytes);
}

/** The identity `AGE-SECRET-KEY-1...`. Throws `key-malformed`, without the secret; `where` names its place. */
export function x25519Identity(text: string, where: string): AgeIdentity & { readonly recipient: string } {
  const decoded = decodeBech32(text);
  if (decoded?.prefix !== 'age-secret-key-' || decoded.bytes.length !== LENGTH || text !== text.toUpperCase()) {
    throw new ImgkitError('key-malformed', `${where} holds no valid age identity; a character is wrong or missing.`, { file: where });
  }
  return identityOf(decoded.bytes);
}

/** A new identity: its secret text, and its recipient. */
export function generateX25519(): { readonly identity: string; readonly recipient: string } {
  const secret = randomBytes(LENGTH);
  return { identity: encodeBech32('age-secret-key-', secret).toUpperCase(), recipient: encodeBech32('age', x25519Public(secret)) };
}

function recipientOf(publicKey: Uint8Array): AgeRecipient {
  const label = encodeBech32('age', publicKey);
  return {
    label,
    async wrap(fileKey) {
      const ephemeral = randomBytes(LENGTH);
      const share = x25519Public(ephemeral);
      const secret = x25519(ephemeral, publicKey);
      if (secret === undefined) throw new ImgkitError('key-malformed', `${label} is a key that anyone can open; get the recipient's real key.`);
      return { type: TYPE, args: [encodeBase64(share)], body: sealFileKey(fileKey, hkdf(secret, Buffer.concat([share, publicKey]), LABEL)) };
    },
  };
}

function identityOf(scalar: Uint8Array): AgeIdentity & { readonly recipient: string } {
  const publicKey = x25519Public(scalar);
  const recipient = encodeBech32('age', publicKey);
  return {
    label: recipient,
    recipient,
    async unwrap(stanzas, name) {
      for (const { type, args, body } of stanzas) {
        if (type !== TYPE) continue;
        const share = args.length === 1 ? decodeBase64(args[0] as string) : undefined;
        if (share?.length !== LENGTH || !isSealedFileKey(body)) throw malformedAge(name, 'an X25519 recipient in its header is malformed');
        const secret = x25519(scalar, share);
        if (secret === undefined) throw malformedAge(name, 'an X25519 recipient in its header has a share of low order');
        const fileKey = openFileKey(body, hkdf(secret, Buffer.concat([share, publicKey]), LABEL));
        if (fileKey !== undefined) return fileKey;
      }
      return undefined;
    },
  };
}
