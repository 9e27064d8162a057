import type { KeyObject } from 'node:crypto';
import { readSecretFile } from '../../content/secret-file.js';
import { isCosignPrivateKey, readCosignPrivateKey } from '../../crypto/keys/cosign-private-key.js';
import { resolvePassphrase, type PassphraseOptions } from '../../crypto/keys/passphrase.js';
import { readPkcs8 } from '../../crypto/keys/pkcs8-read.js';
import { isGpgSecretKey } from '../../crypto/openpgp/secret-key-file.js';
import { ImgkitError } from '../../errors.js';

/** The private key of cosign, or in PEM, in a private file. Throws `key-malformed` for keys of other tools, `key-refused`, `key-exposed`, `file-not-found`. */
export async function loadImageKey({ key: path, ...options }: PassphraseOptions & { readonly key: string }, signal?: AbortSignal): Promise<KeyObject> {
  const bytes = await readSecretFile(path, { signal });
  const text = Buffer.from(bytes).toString('latin1');
  if (/BEGIN OPENSSH PRIVATE KEY|^untrusted comment:/.test(text)) throw new ImgkitError('key-malformed', `${path}: images are signed with a key of cosign or in PEM (imgkit keygen --type cosign); with this one, sign the archive: imgkit sign FILE.`, { file: path });
  if (isGpgSecretKey(bytes)) throw new ImgkitError('key-malformed', `${path}: is a GPG key; say --format gpg, and where the signature goes (--lookaside DIR or -o FILE).`, { file: path });
  if (isCosignPrivateKey(text)) return readCosignPrivateKey(text, path, () => resolvePassphrase(options, signal));
  const locked = /BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(text);
  return readPkcs8({ name: path, bytes }, locked ? await resolvePassphrase(options, signal) : undefined);
}
