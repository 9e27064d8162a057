import { counted } from '../../content/counted.js';
import type { Closure } from '../../image/closure.js';
import type { Finding } from '../../image/finding.js';
import type { Root } from '../../image/image-source.js';
import { checkConfig } from '../check-config.js';
import type { LayeredImage } from '../image-layers.js';
import { missingFinding } from '../missing-finding.js';

/** What was found to be right, or worth a note, about the documents of an image, all of which were read and verified to get this far. */
export function checkDocuments(root: Root, closure: Closure, { source, image, config }: LayeredImage): readonly Finding[] {
  const { descriptor, manifestOrigin } = root;
  const subject = descriptor.digest;
  const findings: Finding[] = [...source.notes];
  for (const document of closure.documents.values()) {
    const what = document.index === undefined ? 'manifest' : `index of ${document.index.manifests.length}`;
    findings.push({ check: 'documents', status: 'ok', subject: document.descriptor.digest, message: `${what}, ${document.bytes.length} bytes, digest and syntax right` });
  }
  if (manifestOrigin === 'synthesized') findings.push({ check: 'documents', status: 'note', subject, message: 'the archive holds no manifest: this one was made up, and its digest is not the publisher\'s' });
  for (const each of closure.missing) findings.push(missingFinding(each));
  if (closure.missing.length === 0) findings.push({ check: 'closure', status: 'ok', subject, message: `${counted(closure.blobs.size, 'blob')} named, all of them here` });
  const others = closure.images.filter((other) => other.descriptor.digest !== image.descriptor.digest).length;
  if (others > 0) findings.push({ check: 'closure', status: 'note', subject, message: `the layers of ${counted(others, 'other platform')} were not read; "imgkit verify" reads everything` });
  return [...findings, ...checkConfig(config, image)];
}
