import type { DigestResult } from '../../src/index.js';
import { escape } from './escape.js';
import { called } from './names.js';

/** One line per digest: the digest, what it is of, and the name. */
export function renderDigests(result: DigestResult): readonly string[] {
  return [
    ...(result.file === undefined ? [] : [`${result.file}  file  ${escape(result.location)}`]),
    ...result.images.flatMap((image) => {
      const names = called(image).join(', ');
      return [`${image.manifest}  manifest (${image.manifestOrigin})  ${names}`, ...(image.config === undefined ? [] : [`${image.config}  config  ${names}`])];
    }),
  ];
}

/** The digests alone: that of the file when there is one, else the manifests'. */
export function renderDigestValues(result: DigestResult): readonly string[] {
  return result.file === undefined ? result.images.map((image) => image.manifest) : [result.file];
}
