import { digestAlgorithm, digestOf, isDigest } from '../content/digest.js';
import type { Descriptor } from '../content/descriptor.js';
import { ImgkitError } from '../errors.js';
import type { Repository } from './repository.js';

export interface PushManifestOptions {
  readonly repository: Repository;
  /** A tag, or the digest. */
  readonly reference: string;
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Puts a manifest or index (OCI distribution spec, "Pushing Manifests"). `subjectKnown` says that the registry itself lists it as
 * being about its subject. Throws `digest-mismatch` when the registry kept other bytes, `registry-failed` with its reason.
 */
export async function pushManifest({ repository, reference, descriptor, bytes, signal }: PushManifestOptions): Promise<{ readonly subjectKnown: boolean }> {
  const doing = `putting the manifest ${repository.name}${isDigest(reference) ? '@' : ':'}${reference}`;
  const response = await repository.request({ method: 'PUT', path: repository.manifestPath(reference), access: 'push', headers: { 'content-type': descriptor.mediaType }, body: bytes, signal });
  if (response.status !== 201) throw incomplete(await repository.failure(response, { doing, entry: descriptor.digest }), repository, descriptor);
  await response.discard();
  const kept = response.headers.get('docker-content-digest');
  if (isDigest(kept) && kept !== digestOf(bytes, digestAlgorithm(kept))) {
    throw new ImgkitError('digest-mismatch', `${doing}: the registry says that what it keeps is ${kept}, not ${descriptor.digest}; it changes manifests, so this image would not be the same there. Push to another registry, or ask its owner to turn that off.`, { file: repository.name, entry: descriptor.digest, expected: descriptor.digest, found: kept });
  }
  return { subjectKnown: response.headers.has('oci-subject') };
}

/** The commonest reason for a refused index: it names platforms that were not pushed. */
function incomplete(error: Error, repository: Repository, { digest }: Descriptor): Error {
  if (!(error instanceof ImgkitError) || !/MANIFEST_(?:BLOB_)?UNKNOWN|BLOB_UNKNOWN/.test(error.message)) return error;
  return new ImgkitError('registry-failed', `${error.message.replace(/; [^;]*$/, '')}; ${repository.connection.address.name} takes only complete images: if the source has a part of an index, push one of its platforms with --platform.`, { ...error.details, entry: digest }, { cause: error });
}
