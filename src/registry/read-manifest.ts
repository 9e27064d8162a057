import { digestAlgorithm, digestOf, isDigest, type Digest } from '../content/digest.js';
import { ImgkitError } from '../errors.js';
import type { HttpResponse } from '../network/http-client.js';
import { DOCKER_INDEX, DOCKER_MANIFEST, isIndexType, isManifestType, isSchema1Type, OCI_INDEX, OCI_MANIFEST } from '../image/media-type.js';
import type { Limits } from '../limits.js';
import { brokenAnswer } from './failure.js';
import { manifestTypeOf } from './manifest-type.js';
import { readAgain } from './read-again.js';
import type { Access, Repository } from './repository.js';

/** Schema 1 is not asked for: a registry that has nothing else says so. */
const MANIFEST_TYPES = [OCI_INDEX, DOCKER_INDEX, OCI_MANIFEST, DOCKER_MANIFEST].join(', ');

export interface FetchedManifest {
  readonly mediaType: string;
  /** Computed here, never only believed. */
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/**
 * Reads a manifest or index by tag or digest (OCI distribution spec, "Pulling manifests"); undefined when the registry has none.
 * Proves that the bytes have the digest asked for and the one that Docker-Content-Digest claims (`digest-mismatch`), and that
 * they are at most `limits.documentBytes` (`limit-exceeded`). Throws `registry-failed`, `login-failed`, `network-*`.
 */
export async function readManifest(repository: Repository, reference: string, limits: Limits, signal?: AbortSignal, access: Access = 'pull'): Promise<FetchedManifest | undefined> {
  const doing = `reading the manifest ${repository.name}${isDigest(reference) ? '@' : ':'}${reference}`;
  const ask = (): Promise<HttpResponse> => repository.request({ method: 'GET', path: repository.manifestPath(reference), headers: { accept: MANIFEST_TYPES }, access, signal });
  const answer = await readAgain(repository.connection, ask, async (response) => {
    if (response.status === 404) return void (await response.discard());
    if (response.status !== 200) throw await repository.failure(response, { doing });
    return { response, bytes: await readBounded(response, limits, doing) };
  }, signal);
  if (answer === undefined) return undefined;
  const { response, bytes } = answer;
  const mediaType = mediaTypeOf(response, bytes, repository, doing, limits);
  const claimed = response.headers.get('docker-content-digest');
  const algorithm = isDigest(reference) ? digestAlgorithm(reference) : isDigest(claimed) ? digestAlgorithm(claimed) : 'sha256';
  const digest = digestOf(bytes, algorithm);
  requireDigest(repository, doing, isDigest(reference) ? reference : digest, digest);
  // A header of another algorithm than the one asked for cannot be compared with what is known; it names the same bytes or lies.
  if (isDigest(claimed)) requireDigest(repository, doing, claimed, digestOf(bytes, digestAlgorithm(claimed)));
  return { mediaType, digest, bytes };
}

/** The digest a registry claims for a tag (HEAD), undefined when it has none. Without the header the manifest is read. */
export async function headManifest(repository: Repository, reference: string, limits: Limits, signal?: AbortSignal, access: Access = 'pull'): Promise<{ readonly digest: Digest; readonly mediaType: string | undefined } | undefined> {
  const response = await repository.request({ method: 'HEAD', path: repository.manifestPath(reference), headers: { accept: MANIFEST_TYPES }, access, signal });
  await response.discard();
  const { status, headers } = response;
  if (status === 404) return undefined;
  const digest = headers.get('docker-content-digest');
  const mediaType = headers.get('content-type')?.split(';')[0]?.trim();
  if (status === 200 && isDigest(digest)) return { digest, mediaType };
  return readManifest(repository, reference, limits, signal, access);
}

async function readBounded(response: HttpResponse, { documentBytes }: Limits, doing: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > documentBytes) throw new ImgkitError('limit-exceeded', `${doing}: it has more than the ${documentBytes} bytes allowed; raise the limit documentBytes if you trust its source.`, { expected: `<= ${documentBytes}` });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** What the header says; a registry of static files may say less, then the document itself. */
function mediaTypeOf(response: HttpResponse, bytes: Uint8Array, repository: Repository, doing: string, limits: Limits): string {
  const header = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  const known = isIndexType(header) || isManifestType(header) || isSchema1Type(header);
  const type = known ? header : manifestTypeOf(bytes, limits);
  if (type === undefined) throw brokenAnswer(repository.connection.address.name, doing, `what came back is no manifest but ${JSON.stringify(header.slice(0, 80))}`);
  if (isSchema1Type(type)) throw new ImgkitError('document-malformed', `${doing}: the registry has only a Docker schema 1 manifest, a form retired in 2017; push the image again with a current tool.`, { file: repository.name });
  return type;
}

function requireDigest(repository: Repository, doing: string, expected: Digest, found: Digest): void {
  if (found === expected) return;
  throw new ImgkitError('digest-mismatch', `${doing}: what came back has the digest ${found} instead of ${expected}; the registry or something on the way changed it, so nothing of it is used. Run it again; if it stays, ask the owner of the registry.`, { file: repository.name, entry: expected, expected, found });
}
