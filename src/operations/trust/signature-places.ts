import { isGpgMessage } from '../../crypto/openpgp/signed-message.js';
import type { Trust } from '../../crypto/trust/trust.js';
import { ImgkitError } from '../../errors.js';
import { SIGNING_LIMITS } from '../../limits.js';
import { readBoundedFile } from './read-bounded-file.js';
import type { ImageCheck } from './verify-image-signatures.js';

/** Where signatures are, as the caller names it. */
interface NamedPlaces {
  /** Files of any format. */
  readonly signatures?: readonly string[] | undefined;
  readonly lookaside?: readonly string[] | undefined;
}

/**
 * The GPG signatures among the files that are named, and the folders that may hold more. With `imagesAlone` there is no archive that others could
 * be over, and those that would be passed over are refused (`usage`). Throws `file-not-found`, `limit-exceeded`.
 */
export async function signaturePlaces({ signatures = [], lookaside }: NamedPlaces, signal?: AbortSignal, imagesAlone = false): Promise<Pick<ImageCheck, 'files' | 'lookaside'>> {
  const files = await Promise.all(signatures.map((path) => readBoundedFile(path, SIGNING_LIMITS.signatureBytes, signal)));
  const other = imagesAlone ? files.find(({ bytes }) => !isGpgMessage(bytes)) : undefined;
  if (other !== undefined) throw new ImgkitError('usage', `${other.name}: is no signature by GPG, the only kind that is named for an image; those of cosign lie with it, and others are over an archive and its statement.`, { file: other.name });
  return { lookaside, files: files.filter(({ bytes }) => isGpgMessage(bytes)) };
}

/** Whether GPG keys are trusted, whose signatures lie apart from the image, and nobody says where. */
export function needsLookaside({ gpg }: Trust, { signatures, lookaside }: NamedPlaces): boolean {
  return gpg.length > 0 && (lookaside ?? signatures) === undefined;
}
