import { digestAlgorithm, digestHex, type Digest } from '../content/digest.js';

/** Where an OCI layout keeps a blob (OCI image spec, image-layout.md). */
export function blobPath(digest: Digest): string {
  return `blobs/${digestAlgorithm(digest)}/${digestHex(digest)}`;
}
