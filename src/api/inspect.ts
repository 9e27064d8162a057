import { plainJson } from '../content/json-plain.js';
import { inspectLabels } from '../image/inspect-labels.js';
import { shownLocation } from '../image/location-url.js';
import { describeMembers, kindOf } from '../operations/describe-image.js';
import { findReferrers } from '../operations/referrers.js';
import { missingFinding } from '../operations/missing-finding.js';
import { readConfig } from '../operations/read-closure.js';
import { TEXT } from './option-kinds.js';
import type { CommonOptions } from './options.js';
import { openImage } from './open-image.js';
import { printableMap } from './printable-map.js';
import type { InspectedLayer, InspectResult } from './results.js';
import { Session } from './session.js';

/** Everything that one image says about itself. Of an index, `platform` (default: the host's) picks whose config is shown. */
export function inspect(options: CommonOptions & { readonly location: string; readonly platform?: string | undefined }): Promise<InspectResult> {
  return Session.call(options, { location: TEXT }, async (session) => {
    const { location } = options;
    const { source, root, closure, image } = await openImage(session, location, options.platform, { referrers: true });
    const { descriptor, names, refName, manifestOrigin } = root;
    const absent = new Set(closure.absent.map(({ digest }) => digest));
    const config = image && (await readConfig(source, image, session.limits));
    const document = closure.documents.get(descriptor.digest);
    const kind = kindOf(descriptor, closure);
    const made = config?.history.filter(({ emptyLayer }) => !emptyLayer) ?? [];
    const layers = (image?.manifest ?? document?.manifest)?.layers ?? [];
    // No document names itself.
    const others = source.roots.filter((other) => other.descriptor.digest !== descriptor.digest);
    const referrers = await findReferrers({ blobs: source.blobs, location: source.location, roots: others }, session.limits);
    const labels = config?.config.Labels ?? new Map<string, string>();
    const annotations = new Map([...(document?.index?.annotations ?? []), ...(image?.manifest ?? document?.manifest)?.annotations ?? [], ...(descriptor.annotations ?? [])]);
    return {
      location: shownLocation(location), format: source.format, names, refName: names.length === 0 ? refName : undefined, digest: descriptor.digest, manifestOrigin, mediaType: descriptor.mediaType,
      kind,
      artifactType: kind === 'artifact' ? (document?.manifest?.artifactType ?? document?.manifest?.config.mediaType) : undefined,
      imageId: image?.manifest.config.digest,
      platform: config && { os: config.os, architecture: config.architecture, ...(config.variant === undefined ? {} : { variant: config.variant }) },
      created: config?.created,
      author: config?.author,
      config: plainJson(config?.raw.get('config') ?? null) ?? undefined,
      labels: printableMap(labels),
      annotations: printableMap(annotations),
      about: inspectLabels(new Map([...annotations, ...labels])).map(({ name, value, label }) => ({ field: name, value, from: label })),
      layers: layers.map((layer, i): InspectedLayer => ({ descriptor: layer.annotations === undefined ? layer : { ...layer, annotations: printableMap(layer.annotations) }, diffId: config?.diffIds[i], createdBy: made.length === layers.length ? made[i]?.createdBy : undefined, absent: absent.has(layer.digest) || undefined })),
      members: describeMembers(document, closure),
      referrers: referrers.filter(({ subject }) => subject === descriptor.digest).map(({ root: { descriptor: { digest } }, artifactType }) => ({ digest, artifactType })),
      size: [...closure.blobs.values()].reduce((sum, { size }) => sum + size, 0),
      notes: [...source.notes, ...closure.missing.map((each) => missingFinding(each))],
    };
  });
}
