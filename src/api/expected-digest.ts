import { parseDigest, type Digest } from '../content/digest.js';
import { ImgkitError } from '../errors.js';

/** What `--expect` names. Throws `usage`: a digest that was mistyped says nothing about the image. */
export function expectedDigest(text: string): Digest {
  try {
    return parseDigest(text, '--expect');
  } catch (cause) {
    throw new ImgkitError('usage', `--expect: ${JSON.stringify(text.slice(0, 120))} is not a digest; write sha256: and 64 hexadecimal digits, as imgkit digest prints it.`, { found: text }, { cause });
  }
}
