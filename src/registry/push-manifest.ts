import { digestAlgorithm, digestOf, isDigest } from '../content/digest.js';
import type { Descriptor } from '../content/descriptor.js';
import { ImgkitError } from '../errors.js';
import type { HttpResponse } from '../network/http-client.js';
import type { Repository } from './repository.js';
import { TRIES } from './retry.js';

export interface PushManifestOptions {
  readonly repository: Repository;
  /** A tag, or the digest. */
  readonly reference: string;
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
  readonly signal?: AbortSignal | undefined;
}

/** 201 by the specification; not every registry keeps to it, and the tag is read back. */
const DONE: ReadonlySet<number> = new Set([200, 201, 202, 204]);

/**
 * Puts a manifest or index (OCI distribution spec, "Pushing Manifests"). `subjectKnown` says that the registry itself lists it as
 * being about its subject. Throws `digest-mismatch` when the registry kept other bytes, `registry-failed` with its reason.
 */
export async function pushManifest({ repository, reference, descriptor, bytes, signal }: PushManifestOptions): Promise<{ readonly subjectKnown: boolean }> {
  const doing = `putting the manifest ${repository.name}${isDigest(reference) ? '@' : ':'}${reference}`;
  const put = (): Promise<HttpResponse> => repository.request({ method: 'PUT', path: repository.manifestPath(reference), access: 'push', headers: { 'content-type': descriptor.mediaType }, body: bytes, signal });
  let response = await put();
  for (let attempt = 1; !DONE.has(response.status); attempt += 1) {
    const failure = await repository.failure(response, { doing, entry: descriptor.digest });
    // docker-registry says so when somebody else pushes the same at the same time: it reads a file that is just being written.
    if (attempt === TRIES || !/DIGEST_INVALID/.test(failure.message)) throw incomplete(failure, repository, descriptor, bytes);
    await repository.connection.pause(attempt + 1, undefined, signal);
    response = await put();
  }
  await response.discard();
  const kept = response.headers.get('docker-content-digest');
  if (isDigest(kept) && kept !== digestOf(bytes, digestAlgorithm(kept))) {
    throw new ImgkitError('digest-mismatch', `${doing}: the registry says that what it keeps is ${kept}, not ${descriptor.digest}; it changes manifests, so this image would not be the same there. Push to another registry, or ask its owner to turn that off.`, { file: repository.name, entry: descriptor.digest, expected: descriptor.digest, found: kept });
  }
  return { subjectKnown: response.headers.has('oci-subject') };
}

/** The commonest reasons: an index names platforms that were not pushed, a Windows image layers that only its publisher has. */
function incomplete(error: Error, repository: Repository, { digest }: Descriptor, bytes: Uint8Array): Error {
  if (!(error instanceof ImgkitError) || !/MANIFEST_(?:BLOB_)?UNKNOWN|BLOB_UNKNOWN/.test(error.message)) return error;
  const remedy = /\.nondistributable\.|\.foreign\./.test(Buffer.from(bytes).toString('latin1'))
    ? 'this one has layers that only their publisher may distribute; let the registry allow their addresses (docker-registry: validation.manifests.urls.allow)'
    : 'if the source has a part of an index, push one of its platforms with --platform';
  return new ImgkitError('registry-failed', `${error.message.replace(/; [^;]*$/, '')}; ${repository.connection.address.name} takes only complete images: ${remedy}.`, { ...error.details, entry: digest }, { cause: error });
}
