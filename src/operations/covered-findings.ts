import type { Digest } from '../content/digest.js';
import type { LayerNames } from '../content/layer-names.js';
import { coveredNames } from '../filesystem/covered-names.js';
import type { ClosureImage } from '../image/closure.js';
import type { Finding } from '../image/finding.js';
import { printable } from '../tar/text.js';

/** What engines make different files of, though each layer is right in itself: see `coveredNames`. Each is told once, however many images share the layers. */
export function coveredFindings(images: readonly ClosureImage[], names: ReadonlyMap<Digest, LayerNames>): readonly Finding[] {
  const findings = new Map<string, Finding>();
  for (const { manifest: { layers } } of images) {
    for (const { name, layer, below, isLink } of coveredNames(layers.map(({ digest }) => names.get(digest)))) {
      const subject = layers[layer]?.digest as Digest;
      const folder = `"${printable(name)}"`;
      const message = isLink
        ? `names lie below ${folder}, to which the layer gives no entry and layer ${below + 1} a link: Docker and podman on overlays put a folder in the place of the link, umoci and imgkit follow it; make the layer with names where the link leads`
        : `names lie below ${folder}, to which the layer gives no entry and layer ${below + 1} one that is no folder: Docker and podman on overlays put a folder there, umoci and imgkit refuse it; make the layer with an entry for the folder`;
      findings.set(`${subject} ${message}`, { check: 'layer-structure', status: 'note', subject, message });
    }
  }
  return [...findings.values()];
}
