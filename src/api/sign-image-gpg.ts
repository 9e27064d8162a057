import { readLocation } from '../../formats/locations/open-source.js';
import type { Digest } from '../content/digest.js';
import { readSecretFile } from '../content/secret-file.js';
import { resolvePassphrase, type PassphraseOptions } from '../crypto/keys/passphrase.js';
import { openGpgSigner, type GpgSigner } from '../crypto/openpgp/gpg-signer.js';
import { encodeAtomicSigning } from '../crypto/sign/image/atomic-signing.js';
import { emptyTrust, type Trust, type TrustFile } from '../crypto/trust/trust.js';
import { ImgkitError, isImgkitError } from '../errors.js';
import { walkClosure } from '../image/closure.js';
import type { Root } from '../image/image-source.js';
import { shownLocation } from '../image/location-url.js';
import { readLookaside, writeLookaside } from '../operations/trust/lookaside.js';
import { verifyGpgSignatures } from '../operations/trust/verify-gpg-signatures.js';
import { writeSmallFile } from '../content/write-small-file.js';
import { PATH, TEXT } from './option-kinds.js';
import type { CommonOptions } from './options.js';
import { Session } from './session.js';
import { namesToSign, signableImages } from './signable-images.js';

export interface SignImageGpgOptions extends CommonOptions, PassphraseOptions {
  /** One image or several, in any kind of place: the signature lies apart from them. */
  readonly location: string;
  /** A private key that `gpg --export-secret-keys` wrote, armored or not; or `gpg:FINGERPRINT`, which gpg itself uses, from its agent or a card. */
  readonly key: string;
  /** A folder that registries.d names as `lookaside`: signatures go to `REPOSITORY@sha256=HEX/signature-N` below it. */
  readonly lookaside?: string | undefined;
  /** A file for the one signature, as `skopeo standalone-sign` writes it. Replaced when it is there. */
  readonly output?: string | undefined;
  /** The name that the image is signed for. Default: the one that it has. */
  readonly reference?: string | undefined;
  /** The time that the signature claims. Default: now. */
  readonly at?: Date | undefined;
}

export interface SignImageGpgResult {
  readonly location: string;
  /** Fingerprint of the key, as gpg prints it. */
  readonly keyId: string;
  /** Fingerprint of the subkey that signed, if one did: older skopeo and podman accept primary keys alone. */
  readonly subkey?: string | undefined;
  readonly signed: readonly {
    /** Of the image or index, or of an image in the index: who pulls for one platform checks that one. */
    readonly digest: Digest;
    readonly reference: string;
    /** True when this key had signed it for this name already: nothing was written. */
    readonly kept: boolean;
    /** The signature. */
    readonly file: string;
  }[];
}

/** Says that a key is in gpg's keyring: `gpg:` and the fingerprint. */
const KEYRING = 'gpg:';

type Signed = SignImageGpgResult['signed'][number];

/**
 * Signs images with GPG, as skopeo does and policy.json of skopeo, podman and CRI-O asks for it (containers-signature(5)): the digest of
 * the manifest, and the name. Into a lookaside folder go signatures of an index and of everything in it. Needs the package openpgp.
 * Throws `usage` without a place for the signature or a name, `image-not-found`, `key-malformed`, `key-refused`, `key-exposed`.
 */
export function signImageGpg(options: SignImageGpgOptions): Promise<SignImageGpgResult> {
  return Session.call(options, { location: TEXT, key: PATH, 'lookaside?': PATH, 'output?': PATH }, async (session) => {
    const { location, lookaside, output, signal, at = new Date() } = options;
    const shown = shownLocation(location);
    if (lookaside === undefined && output === undefined) throw new ImgkitError('usage', `${shown}: say where the GPG signature goes: --lookaside DIR, the folder that registries.d names, or -o FILE.`, { file: shown });
    const signer = await openSigner(options, at);
    const { source, roots } = await session.open(readLocation(location));
    const named = signableImages(roots, options).flatMap((root) => namesToSign(root, options.reference).map((reference) => ({ root, reference: required(reference, shown) })));
    if (output !== undefined && named.length > 1) throw new ImgkitError('usage', `-o ${output}: one file holds one signature, but ${shown} would get ${named.length}; say which image and --reference, or use --lookaside DIR.`);
    const signed: Signed[] = [];
    for (const { root, reference } of named) {
      if (output !== undefined) {
        const { digest } = root.descriptor;
        await writeSmallFile(output, await signer.sign(encodeAtomicSigning({ digest, reference }, at), at), { overwrite: true });
        signed.push({ digest, reference, kept: false, file: output });
      }
      if (lookaside === undefined) continue;
      const { documents } = await walkClosure(source.blobs, root.descriptor, session.limits, source.location);
      for (const { descriptor } of documents.values()) signed.push(await addToLookaside(lookaside, { descriptor, reference }, signer, { at, signal }));
    }
    return { location: shown, keyId: signer.keyId, ...(signer.subkey !== undefined && { subkey: signer.subkey }), signed };
  });
}

async function openSigner(options: SignImageGpgOptions, at: Date): Promise<GpgSigner> {
  const { key, signal } = options;
  if (key.startsWith(KEYRING)) return (await import('../crypto/openpgp/gpg-keyring-signer.js')).openKeyringSigner(key.slice(KEYRING.length), signal);
  return openGpgSigner(await readSecretFile(key, { signal }), key, () => resolvePassphrase(options, signal), at);
}

/** Signs one manifest for one name, unless the same key did so before. */
async function addToLookaside(place: string, { descriptor, reference }: Pick<Root, 'descriptor'> & { readonly reference: string }, signer: GpgSigner, { at, signal }: { readonly at: Date; readonly signal: AbortSignal | undefined }): Promise<Signed> {
  const { digest } = descriptor;
  const query = { place, name: reference, digest };
  const trust = { ...emptyTrust(at), gpg: [{ name: 'the key', bytes: signer.publicKey }] };
  for (const file of await readLookaside(query, { signal })) {
    if (await isOurs(file, { descriptor, names: [reference] }, trust)) return { digest, reference, kept: true, file: file.name };
  }
  return { digest, reference, kept: false, file: await writeLookaside(query, await signer.sign(encodeAtomicSigning({ digest, reference }, at), at)) };
}

/** False also for what is damaged: others may have put it there. */
async function isOurs(file: TrustFile, image: Pick<Root, 'descriptor' | 'names'>, trust: Trust): Promise<boolean> {
  try {
    return (await verifyGpgSignatures([file], image, trust)).signatures.length > 0;
  } catch (error) {
    if (isImgkitError(error, 'signature-malformed', 'signature-invalid')) return false;
    throw error;
  }
}

/** policy.json compares names, so there must be one. */
function required(reference: string | undefined, location: string): string {
  if (reference !== undefined) return reference;
  throw new ImgkitError('usage', `${location}: the image has no name, and a GPG signature is for one; say which with --reference NAME.`, { file: location });
}
