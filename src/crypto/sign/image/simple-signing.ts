import { isImgkitError, ImgkitError } from '../../../errors.js';
import { parseDigest, type Digest } from '../../../content/digest.js';
import { record, type JsonRecord } from '../../../content/json-record.js';
import { parseJson } from '../../../content/json.js';
import { DEFAULT_LIMITS } from '../../../limits.js';

/** Media type of a payload in a signature manifest of cosign. */
export const SIMPLE_SIGNING = 'application/vnd.dev.cosign.simplesigning.v1+json';
/** Annotation of the payload's descriptor: base64 of the signature over the payload. */
export const SIGNATURE_ANNOTATION = 'dev.cosignproject.cosign/signature';
/** Annotation beside it: the certificate of the signer, who then has no key that receivers could know (keyless). */
export const CERTIFICATE_ANNOTATION = 'dev.sigstore.cosign/certificate';
const TYPE = 'cosign container image signature';
/** What GPG simple signing writes there. */
const ATOMIC_TYPE = 'atomic container signature';

/** What a signer says of an image. */
export interface ImageClaim {
  readonly digest: Digest;
  /** The name that the image is signed for; undefined: whatever it is called. */
  readonly reference: string | undefined;
}

/** The document that is signed, as cosign writes it (cosign SIGNATURE_SPEC, "Simple Signing"): the digest, and the name if there is one. */
export function encodeSimpleSigning({ digest, reference }: ImageClaim): Uint8Array {
  return Buffer.from(JSON.stringify({ critical: { identity: { 'docker-reference': reference ?? '' }, image: { 'docker-manifest-digest': digest }, type: TYPE }, optional: null }));
}

/**
 * Reads what was signed, as strictly as containers-signature(5) asks and skopeo does: nothing that is not known outside of `optional`. Call it
 * for bytes whose signature was verified. Throws `signature-malformed`, naming `where`.
 */
export function parseSimpleSigning(bytes: Uint8Array, where: string): ImageClaim {
  try {
    const fail = (problem: string): ImgkitError => malformed(where, problem);
    const document = known(record(parseJson(bytes, where, DEFAULT_LIMITS), where, ['critical', 'optional']), ['critical', 'optional'], fail);
    const critical = known(document.record('critical', ['identity', 'image', 'type']), ['identity', 'image', 'type'], fail);
    const type = critical.string('type');
    if (type !== TYPE && type !== ATOMIC_TYPE) throw malformed(where, `is about "${type}", which is no image signature`);
    const reference = known(critical.record('identity', ['docker-reference']), ['docker-reference'], fail).string('docker-reference');
    const image = known(critical.record('image', ['docker-manifest-digest']), ['docker-manifest-digest'], fail);
    const digest = parseDigest(image.string('docker-manifest-digest'), where);
    return { digest, reference: reference === '' ? undefined : reference };
  } catch (error) {
    if (isImgkitError(error, 'document-malformed', 'digest-malformed', 'limit-exceeded')) throw malformed(where, `is no simple signing payload (${error.message})`, error);
    throw error;
  }
}

/** `fields`, if it has no other names: a field that is not known may mean "only if", of what was signed. */
export function known<K extends string>(fields: JsonRecord<K>, names: readonly string[], malformed: (problem: string) => ImgkitError): JsonRecord<K> {
  const stranger = [...fields.members.keys()].find((name) => !names.includes(name));
  if (stranger !== undefined) throw malformed(`has the field ${JSON.stringify(stranger.slice(0, 80))}, which is not known: it may restrict what was signed`);
  return fields;
}

function malformed(where: string, problem: string, cause?: unknown): ImgkitError {
  return new ImgkitError('signature-malformed', `${where}: what was signed ${problem}; ask the signer to sign the image again.`, { file: where }, { cause });
}
