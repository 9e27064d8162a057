import type { SignImageGpgResult, SignImageResult, SignResult } from '../../src/index.js';
import { escape } from './escape.js';
import { count } from './units.js';

/** The statement and the signature of every file or group of files. */
export function renderSigned(result: SignResult): readonly string[] {
  return result.signed.flatMap(({ statement, kept, signature, replaced, files }) => [
    ...files.map(({ name, digest }) => `${digest}  ${escape(name)}`),
    `  ${escape(statement)}${kept ? ' (there already, and true)' : ''}`,
    `  ${escape(signature)}${replaced === true ? ' (in place of the one that was there)' : ''}`,
  ]);
}

export function renderSignedSummary({ format, keyId, signed }: SignResult): string {
  return `signed ${count(signed.flatMap(({ files }) => files).length, 'file')} with ${format} key ${escape(keyId)}`;
}

/** The digest that was signed of every image, for which name, and the manifests that hold the signature. */
export function renderSignedImages(results: readonly SignImageResult[]): readonly string[] {
  return results.flatMap(({ signed }) => signed.flatMap(({ digest, reference, kept, manifests }) => [
    `${digest}  ${reference === undefined ? 'for any name' : escape(reference)}${kept ? ' (was signed already)' : ''}`,
    ...manifests.map((manifest) => `  ${manifest}`),
  ]));
}

/** The digest of every image or index that was signed, for which name, and the file with the signature. */
export function renderSignedWithGpg(results: readonly SignImageGpgResult[]): readonly string[] {
  return results.flatMap(({ signed }) => signed.flatMap(({ digest, reference, kept, file }) => [`${digest}  ${escape(reference)}${kept ? ' (was signed already)' : ''}`, `  ${escape(file)}`]));
}

/** Who signed how many; with a hint when it was a subkey. */
export function renderGpgSummary(results: readonly SignImageGpgResult[]): readonly string[] {
  const [first] = results;
  return [
    `signed ${count(results.flatMap(({ signed }) => signed).length, 'manifest')} with gpg key ${escape(first?.keyId ?? '')}`,
    ...(first?.subkey === undefined ? [] : [`its subkey ${escape(first.subkey)} signed: skopeo and podman of Debian 12 accept signatures by primary keys alone`]),
  ];
}

export function renderSignedImage(results: readonly SignImageResult[]): string {
  return `signed ${count(results.flatMap(({ signed }) => signed).length, 'image')} with cosign key ${escape(results[0]?.keyId ?? '')}`;
}
