import { record } from '../../../content/json-record.js';
import { parseJson } from '../../../content/json.js';
import { ImgkitError, isImgkitError } from '../../../errors.js';
import { DEFAULT_LIMITS } from '../../../limits.js';
import { decodeBase64, encodeBase64 } from '../../keys/base64-strict.js';
import { IN_TOTO, SIGN_PREDICATE } from './in-toto.js';

/** Media type of a sigstore bundle, and artifact type of a manifest that holds one about its subject. */
export const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
/** Annotations of that manifest (cosign BUNDLE_SPEC). */
export const BUNDLE_CONTENT = 'dev.sigstore.bundle.content';
export const BUNDLE_PREDICATE = 'dev.sigstore.bundle.predicateType';
/** The longest payload type that is looked at. */
const MOST_TYPE = 200;

/** A signed document inside a bundle: a DSSE envelope (https://github.com/secure-systems-lab/dsse). */
export interface ImageBundle {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  /** Which key: base64 of the SHA-256 of its DER by convention. */
  readonly hint: string | undefined;
  /** A transparency log witnessed it; that is not looked at. */
  readonly logged: boolean;
}

/** The bytes that a DSSE signature is over: no other document has the same, whatever its type. */
export function dssePreimage(payloadType: string, payload: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `), payload]);
}

/** A bundle v0.3 over an in-toto statement, signed by a key, without transparency log. */
export function encodeImageBundle(payload: Uint8Array, signature: Uint8Array, hint: string): Uint8Array {
  return Buffer.from(JSON.stringify({
    mediaType: BUNDLE,
    verificationMaterial: { publicKey: { hint }, tlogEntries: [] },
    dsseEnvelope: { payload: encodeBase64(payload), payloadType: IN_TOTO, signatures: [{ sig: encodeBase64(signature), keyid: '' }] },
  }));
}

/**
 * Reads the bundle of an image; `keyless` when it says that it signs the image, by a certificate instead of a key: nothing here could verify it.
 * Undefined for other bundles that no key signed, or that are over no envelope. Throws `signature-malformed`, naming `where`.
 */
export function decodeImageBundle(bytes: Uint8Array, where: string): ImageBundle | 'keyless' | undefined {
  try {
    const bundle = record(parseJson(bytes, where, DEFAULT_LIMITS), where, ['mediaType', 'verificationMaterial', 'dsseEnvelope', 'messageSignature']);
    if (bundle.string('mediaType') !== BUNDLE || !bundle.has('dsseEnvelope')) return undefined;
    const material = bundle.record('verificationMaterial', ['publicKey', 'certificate', 'x509CertificateChain', 'tlogEntries', 'timestampVerificationData']);
    const envelope = bundle.record('dsseEnvelope', ['payload', 'payloadType', 'signatures']);
    // Most are SBOMs and provenance, which are no signatures in the first place. Nobody vouches for what it says: it is only told.
    if (!material.has('publicKey')) return Buffer.from(envelope.string('payload'), 'base64').includes(SIGN_PREDICATE) ? 'keyless' : undefined;
    const signatures = envelope.array('signatures');
    if (signatures.length !== 1) throw malformed(where, `has ${signatures.length} signatures in its envelope instead of one`);
    const payload = decodeBase64(envelope.string('payload'));
    const signature = decodeBase64(record(signatures[0] ?? null, `${where}, signature`, ['sig', 'keyid']).string('sig'));
    const payloadType = envelope.string('payloadType');
    if (payload === undefined || signature === undefined || signature.length === 0 || payloadType.length > MOST_TYPE) throw malformed(where, 'holds what is no base64, or no type');
    return { payloadType, payload, signature, hint: material.record('publicKey', ['hint']).optionalString('hint'), logged: material.has('tlogEntries') && material.array('tlogEntries').length > 0 };
  } catch (error) {
    if (isImgkitError(error, 'document-malformed', 'limit-exceeded')) throw malformed(where, `is none (${error.message})`, error);
    throw error;
  }
}

function malformed(where: string, problem: string, cause?: unknown): ImgkitError {
  return new ImgkitError('signature-malformed', `${where}: the sigstore bundle ${problem}; ask the signer to sign the image again.`, { file: where }, { cause });
}
