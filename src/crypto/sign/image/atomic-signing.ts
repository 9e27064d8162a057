import { parseDigest } from '../../../content/digest.js';
import { record } from '../../../content/json-record.js';
import { parseJson } from '../../../content/json.js';
import { ImgkitError, isImgkitError } from '../../../errors.js';
import { DEFAULT_LIMITS } from '../../../limits.js';
import { known, type ImageClaim } from './simple-signing.js';

const TYPE = 'atomic container signature';

/** What a GPG signature of an image says: digest and name, always both. */
export interface AtomicClaim extends ImageClaim {
  readonly reference: string;
}

/** The document that is signed with GPG about an image (containers-signature(5)). `at` is the time that the signer claims. */
export function encodeAtomicSigning({ digest, reference }: AtomicClaim, at: Date): Uint8Array {
  return Buffer.from(JSON.stringify({
    critical: { identity: { 'docker-reference': reference }, image: { 'docker-manifest-digest': digest }, type: TYPE },
    optional: { creator: 'imgkit simple-signing/1', timestamp: Math.floor(at.getTime() / 1000) },
  }));
}

/**
 * Reads what was signed, as strictly as containers-signature(5) asks: nothing that is not known outside of `optional`, for a later version
 * may mean "only if" by it. Call it for bytes whose signature was verified. Throws `signature-malformed`, naming `where`.
 */
export function parseAtomicSigning(bytes: Uint8Array, where: string): AtomicClaim {
  try {
    const fail = (problem: string): ImgkitError => malformed(where, problem);
    const document = known(record(parseJson(bytes, where, DEFAULT_LIMITS), where, ['critical', 'optional']), ['critical', 'optional'], fail);
    const critical = known(document.record('critical', ['identity', 'image', 'type']), ['identity', 'image', 'type'], fail);
    const type = critical.string('type');
    if (type !== TYPE) throw malformed(where, `is about "${type.slice(0, 80)}", which is no image signature of GPG`);
    const identity = known(critical.record('identity', ['docker-reference']), ['docker-reference'], fail);
    const image = known(critical.record('image', ['docker-manifest-digest']), ['docker-manifest-digest'], fail);
    const optional = document.record('optional', ['creator', 'timestamp']);
    optional.optionalString('creator');
    optional.optionalInteger('timestamp');
    return { digest: parseDigest(image.string('docker-manifest-digest'), where), reference: identity.string('docker-reference') };
  } catch (error) {
    if (isImgkitError(error, 'document-malformed', 'digest-malformed', 'limit-exceeded')) throw malformed(where, `is no simple signing document (${error.message})`, error);
    throw error;
  }
}

function malformed(where: string, problem: string, cause?: unknown): ImgkitError {
  return new ImgkitError('signature-malformed', `${where}: what was signed ${problem}; ask the signer to sign the image again.`, { file: where }, { cause });
}
