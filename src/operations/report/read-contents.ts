import { isImgkitError } from '../../errors.js';
import { listTree } from '../../filesystem/list-tree.js';
import type { ReadLayerOptions } from '../../filesystem/image-layer.js';
import { readTree } from '../../filesystem/read-tree.js';
import { WasteMeter } from '../../filesystem/waste-meter.js';
import type { Finding } from '../../image/finding.js';
import type { LayeredImage } from '../image-layers.js';
import { findingFor } from '../verify-finding.js';
import { foldTree, type FoldLimits } from './fold-tree.js';
import type { ReportFacts } from './report-facts.js';

export interface ReadContents {
  readonly contents: ReportFacts['contents'];
  readonly findings: readonly Finding[];
}

/**
 * Reads every layer once: proves size, digest, diffID and the structure of its tar, and takes its names on the way. A layer that
 * fails becomes a finding, and there are no contents then; what is not about the image is thrown.
 */
export async function readContents({ layers }: LayeredImage, options: ReadLayerOptions & { readonly fold: FoldLimits }): Promise<ReadContents> {
  const meter = new WasteMeter();
  try {
    const tree = await readTree(layers, { ...options, listener: () => meter });
    const entries = { [Symbol.iterator]: () => listTree(tree.root, '') };
    const findings = layers.map(({ descriptor: { digest, size } }): Finding => ({ check: 'blob', status: 'ok', subject: digest, message: `${size} bytes; digest, diffID and structure right` }));
    return { contents: { tree: foldTree(entries, layers.length, options.fold), waste: meter.finish() }, findings };
  } catch (error) {
    const finding = findingFor(error, isImgkitError(error, 'diffid-mismatch') ? 'diff-id' : isImgkitError(error, 'tar-malformed', 'tar-truncated') ? 'layer-structure' : 'blob', 'layer');
    return { contents: undefined, findings: [finding] };
  }
}
