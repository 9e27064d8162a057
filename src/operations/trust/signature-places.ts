import { isGpgMessage } from '../../crypto/openpgp/signed-message.js';
import { SIGNING_LIMITS } from '../../limits.js';
import { readBoundedFile } from './read-bounded-file.js';
import type { ImageCheck } from './verify-image-signatures.js';

/** Where signatures are, as the caller names it. */
interface NamedPlaces {
  /** Files of any format. */
  readonly signatures?: readonly string[] | undefined;
  readonly lookaside?: readonly string[] | undefined;
}

/** The GPG signatures among the files that are named, and the folders that may hold more. Throws `file-not-found`, `limit-exceeded`. */
export async function signaturePlaces({ signatures = [], lookaside }: NamedPlaces, signal?: AbortSignal): Promise<Pick<ImageCheck, 'files' | 'lookaside'>> {
  const files = await Promise.all(signatures.map((path) => readBoundedFile(path, SIGNING_LIMITS.signatureBytes, signal)));
  return { lookaside, files: files.filter(({ bytes }) => isGpgMessage(bytes)) };
}
