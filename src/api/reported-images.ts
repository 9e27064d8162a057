import type { Root } from '../image/image-source.js';
import type { VerifyReport } from './results.js';

/** The images of `roots`, as a report tells of them. */
export function reportedImages(roots: readonly Root[]): VerifyReport['images'] {
  return roots.map(({ names, refName, descriptor, manifestOrigin }) => ({ names, ...(names.length === 0 && refName !== undefined && { refName }), digest: descriptor.digest, manifestOrigin }));
}
