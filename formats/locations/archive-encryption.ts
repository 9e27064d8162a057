import { prepareAge, type AgeEncryption } from '../../src/crypto/encrypt/age/encrypt-age.js';
import { readRecipients, type EncryptionOptions } from '../../src/crypto/encrypt/age/read-recipients.js';
import { ImgkitError } from '../../src/errors.js';
import { archivePath, type Location } from '../../src/image/location.js';

/**
 * The encryption around the whole archive that is written to `location`; undefined when none is asked for. Only archives can
 * be encrypted so, and one that is named `.age` must be. Throws `usage`, and what reading the recipients throws.
 */
export async function archiveEncryption(location: Location, encryption: EncryptionOptions | undefined, signal?: AbortSignal): Promise<AgeEncryption | undefined> {
  const name = location.kind === 'url' ? location.url : archivePath(location);
  if (encryption === undefined) {
    if (name === undefined || !/\.age$/i.test(name)) return undefined;
    throw new ImgkitError('usage', `${location.text}: its name promises an encrypted archive, and nobody is named who could open it; add a recipient (-r age1...), or leave .age out.`, { file: location.text });
  }
  if (name === undefined) throw new ImgkitError('usage', `${location.text}: only an archive can be encrypted as a whole; write to a file, or use imgkit encrypt --layers.`, { file: location.text });
  return prepareAge(await readRecipients(encryption, signal));
}
