import { isDigest, type Digest } from '../content/digest.js';
import { hidePassword } from '../content/hide-password.js';
import { ImgkitError } from '../errors.js';

/** A full image name. `registry` and `repository` are normalised: `nginx` is docker.io and library/nginx. Immutable. */
export interface Reference {
  /** Host, with port if any. */
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

const DEFAULT_REGISTRY = 'docker.io';
const OFFICIAL = 'library/';
const DEFAULT_TAG = 'latest';
/** OCI distribution spec, "Pulling manifests": host, slash and name together. */
const LONGEST_NAME = 255;

const HOST = /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/;
const COMPONENT = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const IMAGE_ID = /^(?:sha256:)?[a-f0-9]{64}$/;

/**
 * Parses an image name by Docker's grammar (distribution/reference) and normalises it; tag and digest stay absent when
 * they are ({@link withDefaultTag} adds `latest`). Verifies host, repository, tag, digest and length. Refuses what is an
 * image ID rather than a name. Throws `reference-invalid`.
 */
export function parseReference(text: string): Reference {
  if (text === '') throw invalid(text, 'an image name is empty; write NAME[:TAG]');
  if (text.length > 1024) throw invalid(text, 'is longer than any image name');
  if (isImageId(text)) throw invalid(text, 'is an image ID, not a name; write NAME[:TAG]');
  const [beforeDigest, digest] = cut(text, text.indexOf('@'));
  if (digest !== undefined && !isDigest(digest)) throw invalid(text, 'has a malformed digest; write @sha256:<64 hex>');
  // A colon before the last slash belongs to a port.
  const colon = beforeDigest.lastIndexOf(':');
  const [name, tag] = cut(beforeDigest, colon > beforeDigest.lastIndexOf('/') ? colon : -1);
  if (tag !== undefined && !TAG.test(tag)) throw invalid(text, 'has a malformed tag; a tag is up to 128 letters, digits, "_", "." and "-", not starting with "." or "-"');
  const { registry, repository } = splitName(name);
  checkName(text, registry, repository);
  return { registry, repository, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

/** True for an image ID (`sha256:<64 hex>`, or the digits alone), which no image is called. */
export function isImageId(text: string): boolean {
  return IMAGE_ID.test(text);
}

/** The full name: `docker.io/library/nginx:1.27@sha256:...`. Parses back to the same reference. */
export function formatReference(reference: Reference): string {
  return `${reference.registry}/${reference.repository}${suffix(reference)}`;
}

/**
 * The short name that Docker shows, tag and digest included: `nginx:1.27`. Parses back to the same reference: where the
 * short form would mean another registry, the full one is given.
 */
export function familiarName(reference: Reference): string {
  const { registry, repository } = reference;
  if (registry !== DEFAULT_REGISTRY) return formatReference(reference);
  const official = repository.startsWith(OFFICIAL) ? repository.slice(OFFICIAL.length) : undefined;
  const short = official !== undefined && !official.includes('/') ? official : repository;
  const back = splitName(short);
  const same = back.registry === registry && back.repository === repository && !IMAGE_ID.test(`${short}${suffix(reference)}`);
  return same ? `${short}${suffix(reference)}` : formatReference(reference);
}

/**
 * `reference` as all spellings of the same place are spelt: a host in small letters, without the port that HTTPS has anyway, and Docker Hub by one of
 * its names. For comparing names, where another spelling must not make another image of one; what is shown keeps the spelling that was given.
 */
export function canonicalReference(reference: Reference): Reference {
  const host = reference.registry.toLowerCase().replace(/:0*443$/, '').replace(/^(?:index|registry-1)\.(?=docker\.io$)/, '');
  const same = splitName(`${host}/${reference.repository}`);
  // A host without dot and port, in small letters, would be the first part of a repository on docker.io.
  return same.registry === host ? { ...reference, ...same } : reference;
}

/** `reference` with the tag `latest` when it has neither tag nor digest. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: DEFAULT_TAG } : reference;
}

function suffix({ tag, digest }: Reference): string {
  return `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** As distribution/reference splits: the first component is a host when it could not be part of a repository. */
function splitName(name: string): { readonly registry: string; readonly repository: string } {
  const [first, rest] = cut(name, name.indexOf('/'));
  const isHost = rest !== undefined && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  const registry = !isHost || first === 'index.docker.io' ? DEFAULT_REGISTRY : first;
  const repository = isHost ? rest : name;
  return { registry, repository: registry === DEFAULT_REGISTRY && !repository.includes('/') ? OFFICIAL + repository : repository };
}

function checkName(text: string, registry: string, repository: string): void {
  if (!HOST.test(registry)) throw invalid(text, 'has a malformed registry host; write HOST[:PORT]/NAME');
  if (`${registry}/${repository}`.length > LONGEST_NAME) throw invalid(text, `has a name of more than ${LONGEST_NAME} characters`);
  if (/[A-Z]/.test(repository)) throw invalid(text, 'has upper-case letters in the repository, which must be lower case');
  if (!repository.split('/').every(component => COMPONENT.test(component))) {
    throw invalid(text, 'is not an image name; write [HOST[:PORT]/]NAME[:TAG][@DIGEST] in lower-case letters, digits and single separators');
  }
}

function cut(text: string, at: number): readonly [string, string | undefined] {
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function invalid(text: string, problem: string): ImgkitError {
  const hidden = hidePassword(text);
  const shown = hidden.length > 120 ? `${hidden.slice(0, 120)}...` : hidden;
  return new ImgkitError('reference-invalid', text === '' ? `${problem}.` : `${JSON.stringify(shown)} ${problem}.`, { found: shown });
}

/** `text` as a full name with a tag or digest: `app` is `docker.io/library/app:latest`. Throws `reference-invalid`. */
export function fullReference(text: string): string {
  return formatReference(withDefaultTag(parseReference(text)));
}
