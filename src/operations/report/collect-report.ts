import type { Closure } from '../../image/closure.js';
import type { Finding } from '../../image/finding.js';
import type { Root } from '../../image/image-source.js';
import { REPORT_LIMITS, type Limits } from '../../limits.js';
import type { WorkOptions } from '../../progress.js';
import type { LayeredImage } from '../image-layers.js';
import { checkDocuments } from './check-documents.js';
import { compareImages } from './compare-images.js';
import { readContents } from './read-contents.js';
import type { ReportFacts } from './report-facts.js';

/** An image that was opened, with the root that led to it. */
export type ReportedImage = LayeredImage & { readonly root: Root; readonly closure: Closure };

export interface CollectReportOptions extends WorkOptions {
  readonly limits: Limits;
  readonly location: string;
  /** Files that are named one by one; `REPORT_LIMITS.files` at most. */
  readonly files?: number | undefined;
  readonly compare?: { readonly location: string; readonly image: LayeredImage } | undefined;
  /** What was found about signatures, before anything was read. */
  readonly signed?: { readonly findings: readonly Finding[]; readonly signatures: ReportFacts['signatures'] } | undefined;
}

/**
 * Everything that a report on `image` shows. Every layer is read once, and proven; those that differ from the image it is compared
 * with are read once more. An image that is broken gives findings that failed; no comparison is made then.
 */
export async function collectReport(image: ReportedImage, options: CollectReportOptions): Promise<ReportFacts> {
  const { limits, signal, onProgress, location, compare, signed } = options;
  const { root, closure, source, config, layers } = image;
  const work = { limits, signal, onProgress };
  const fold = { files: Math.min(options.files ?? REPORT_LIMITS.files, REPORT_LIMITS.files), nodes: REPORT_LIMITS.nodes, nameCharacters: REPORT_LIMITS.nameCharacters };
  const { contents, findings } = await readContents(image, { ...work, fold });
  const comparison = compare === undefined || contents === undefined ? undefined : await compareImages(compare.image, image, { ...work, location: compare.location, most: REPORT_LIMITS.changes });
  const made = config.history.filter(({ emptyLayer }) => !emptyLayer);
  return {
    location, format: source.format, names: root.names, digest: root.descriptor.digest, imageId: image.image.manifest.config.digest,
    manifestOrigin: root.manifestOrigin, mediaType: image.image.descriptor.mediaType, config,
    annotations: new Map([...(closure.documents.get(root.descriptor.digest)?.index?.annotations ?? []), ...(image.image.manifest.annotations ?? [])]),
    layers: layers.map(({ number, descriptor: { digest, size, mediaType }, diffId }) => ({ number: number + 1, digest, diffId, mediaType, size, step: made[number] })),
    contents, comparison,
    findings: [...(signed?.findings ?? []), ...checkDocuments(root, closure, image), ...findings],
    signatures: signed?.signatures,
  };
}
