import type { Root } from '../image/image-source.js';
import type { VerifyReport } from './results.js';
import { isRefused, type Judgement } from './signature-inquiry.js';

/** The images of `roots`, as a report tells of them. */
export function reportedImages(roots: readonly Root[]): VerifyReport['images'] {
  return roots.map(({ names, refName, descriptor, manifestOrigin }) => ({ names, ...(names.length === 0 && refName !== undefined && { refName }), digest: descriptor.digest, manifestOrigin }));
}

/** What is told of what signatures or the policy refuse: nothing but that. Undefined for what they let in. */
export function refusal(location: string, { found, ruled }: Judgement, format?: VerifyReport['format']): VerifyReport | undefined {
  if (ruled === undefined && !isRefused(found)) return undefined;
  const findings = ruled === undefined ? found.findings : [...found.findings, ruled];
  return { location, ...(format === undefined ? {} : { format }), ok: false, findings, images: [], ...(found.refused || ruled !== undefined ? { refused: true } : {}) };
}
