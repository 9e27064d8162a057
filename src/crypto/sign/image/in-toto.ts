import type { Digest } from '../../../content/digest.js';
import { digestAlgorithm, digestHex, parseDigest } from '../../../content/digest.js';
import { record } from '../../../content/json-record.js';
import { parseJson } from '../../../content/json.js';
import { ImgkitError, isImgkitError } from '../../../errors.js';
import { DEFAULT_LIMITS } from '../../../limits.js';
import type { ImageClaim } from './simple-signing.js';

/** `payloadType` of a DSSE envelope over an in-toto statement. */
export const IN_TOTO = 'application/vnd.in-toto+json';
/** `predicateType` by which cosign 3 says "I sign this image", and nothing more. */
export const SIGN_PREDICATE = 'https://sigstore.dev/cosign/sign/v1';
const STATEMENT = 'https://in-toto.io/Statement/v1';

/** The statement that is signed about an image, as cosign 3 writes it: its digest, here with the name that it is signed for. */
export function encodeInToto({ digest, reference }: ImageClaim): Uint8Array {
  const subject = { ...(reference === undefined ? {} : { name: reference }), digest: { [digestAlgorithm(digest)]: digestHex(digest) } };
  return Buffer.from(JSON.stringify({ _type: STATEMENT, subject: [subject], predicateType: SIGN_PREDICATE, predicate: {} }));
}

/**
 * What a signed statement says of images; undefined for a statement of another kind, such as an SBOM or provenance: those describe an
 * image and do not vouch for it. Call it for bytes whose signature was verified. Throws `signature-malformed`, naming `where`.
 */
export function parseInToto(bytes: Uint8Array, where: string): readonly ImageClaim[] | undefined {
  try {
    const statement = record(parseJson(bytes, where, DEFAULT_LIMITS), where, ['_type', 'subject', 'predicateType', 'predicate']);
    if (statement.string('_type') !== STATEMENT || statement.string('predicateType') !== SIGN_PREDICATE) return undefined;
    return statement.array('subject').map((value) => {
      const subject = record(value, `${where}, subject`, ['name', 'digest', 'annotations']);
      const [algorithm, hex] = [...subject.stringMap('digest')][0] ?? ['', ''];
      const name = subject.optionalString('name');
      return { digest: parseDigest(`${algorithm}:${hex}`, where) satisfies Digest, reference: name === '' ? undefined : name };
    });
  } catch (error) {
    if (!isImgkitError(error, 'document-malformed', 'digest-malformed', 'limit-exceeded')) throw error;
    throw new ImgkitError('signature-malformed', `${where}: what was signed is no in-toto statement (${error.message}); ask the signer to sign the image again.`, { file: where }, { cause: error });
  }
}
