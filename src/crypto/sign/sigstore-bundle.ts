import { createHash } from 'node:crypto';
import { parseJson } from '../../content/json.js';
import { record, type JsonRecord } from '../../content/json-record.js';
import { stringifyCanonical } from '../../content/json-write.js';
import { ImgkitError, isImgkitError } from '../../errors.js';
import { DEFAULT_LIMITS } from '../../limits.js';
import { decodeBase64, encodeBase64 } from '../keys/base64-strict.js';

const MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
/** Older ones have the same fields for signatures by key. */
const MEDIA_TYPES: ReadonlySet<string> = new Set([MEDIA_TYPE, 'application/vnd.dev.sigstore.bundle+json;version=0.1', 'application/vnd.dev.sigstore.bundle+json;version=0.2', 'application/vnd.dev.sigstore.bundle+json;version=0.3']);
const ALGORITHM = 'SHA2_256';
/** No public CA and no log is asked here. */
const KEYLESS = 'is keyless: signed by a certificate of a public CA (Fulcio) that was valid for minutes, instead of by a key';

/** A signature by a key, over a document: what a bundle holds, or a bare signature file. */
export interface CosignSignature {
  readonly signature: Uint8Array;
  /** Which key, in a bundle: base64 of the SHA-256 of its DER by convention. */
  readonly hint?: string | undefined;
  /** The digest that a bundle says it is about. */
  readonly digest?: Uint8Array | undefined;
  /** True when the signer's time is witnessed by a log that is not looked at. */
  readonly logged: boolean;
}

/** A sigstore bundle v0.3 for a signature by key, without transparency log, as `cosign sign-blob --bundle` writes it. */
export function encodeSigstoreBundle(document: Uint8Array, signature: Uint8Array, hint: string): Uint8Array {
  return Buffer.from(
    `${stringifyCanonical({
      mediaType: MEDIA_TYPE,
      verificationMaterial: { publicKey: { hint } },
      messageSignature: { messageDigest: { algorithm: ALGORITHM, digest: createHash('sha256').update(document).digest('base64') }, signature: encodeBase64(signature) },
    })}\n`,
  );
}

/**
 * Reads a sigstore bundle, the one that `cosign sign-blob --bundle` wrote before version 3, or the base64 of `--output-signature`. Throws `signature-malformed`, or
 * `signature-untrusted` for a bundle of another kind: by a certificate of a public CA, or over an attestation.
 */
export function decodeCosignSignature(file: Uint8Array, name: string): CosignSignature {
  const text = Buffer.from(file).toString('latin1');
  if (!text.startsWith('{')) {
    const signature = decodeBase64(unwrapped(text));
    if (signature === undefined || signature.length === 0) throw malformed(name, 'is neither a bundle nor base64');
    return { signature, logged: false };
  }
  try {
    const bundle = record(parseJson(file, name, DEFAULT_LIMITS), name, ['mediaType', 'verificationMaterial', 'messageSignature', 'dsseEnvelope', 'base64Signature', 'cert', 'rekorBundle']);
    return bundle.has('base64Signature') ? readOldBundle(bundle, name) : readBundle(bundle, name);
  } catch (error) {
    if (isImgkitError(error, 'document-malformed', 'limit-exceeded')) throw malformed(name, `is no bundle (${error.message})`, error);
    throw error;
  }
}

/** Base64 in one line, or in lines of one length, as `base64` and `openssl base64` write it and cosign reads it. */
function unwrapped(text: string): string {
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  const width = lines[0]?.length ?? 0;
  return lines.every((line, i) => (i < lines.length - 1 ? line.length === width : line !== '' && line.length <= width)) ? lines.join('') : text;
}

/** `cert` is a certificate or the public key, as PEM or base64 of it; the key is looked for among those that are trusted. */
function readOldBundle(bundle: JsonRecord<'base64Signature' | 'cert' | 'rekorBundle'>, name: string): CosignSignature {
  const cert = bundle.optionalString('cert') ?? '';
  if (`${cert}${Buffer.from(cert, 'base64').toString('latin1')}`.includes('-----BEGIN CERTIFICATE-----')) throw notByKey(name, KEYLESS);
  const signature = decodeBase64(bundle.string('base64Signature'));
  if (signature === undefined || signature.length === 0) throw malformed(name, 'holds what is no base64');
  return { signature, logged: bundle.has('rekorBundle') };
}

function notByKey(name: string, what: string): ImgkitError {
  return new ImgkitError('signature-untrusted', `${name}: the bundle ${what}, which is not accepted here; sign with: cosign sign-blob --key KEY --bundle FILE`, { file: name });
}

function readBundle(bundle: JsonRecord<'mediaType' | 'verificationMaterial' | 'messageSignature' | 'dsseEnvelope'>, name: string): CosignSignature {
  if (!MEDIA_TYPES.has(bundle.string('mediaType'))) throw malformed(name, 'is a bundle of a version that is not known');
  if (bundle.has('dsseEnvelope')) throw notByKey(name, 'holds an attestation');
  const material = bundle.record('verificationMaterial', ['publicKey', 'certificate', 'x509CertificateChain', 'tlogEntries', 'timestampVerificationData']);
  if (material.has('certificate') || material.has('x509CertificateChain')) throw notByKey(name, KEYLESS);
  const publicKey = material.record('publicKey', ['hint']);
  const message = bundle.record('messageSignature', ['messageDigest', 'signature']);
  const about = message.optionalRecord('messageDigest', ['algorithm', 'digest']);
  if (about !== undefined && about.string('algorithm') !== ALGORITHM) throw malformed(name, 'uses another digest than SHA-256');
  const digest = about === undefined ? undefined : decodeBase64(about.string('digest'));
  const signature = decodeBase64(message.string('signature'));
  if (signature === undefined || signature.length === 0 || (about !== undefined && digest?.length !== 32)) throw malformed(name, 'holds what is no base64');
  return { signature, hint: publicKey.optionalString('hint'), digest, logged: material.array('tlogEntries').length > 0 };
}

function malformed(name: string, problem: string, cause?: unknown): ImgkitError {
  return new ImgkitError('signature-malformed', `${name}: the cosign signature ${problem}; get it again from the sender.`, { file: name }, { cause });
}
