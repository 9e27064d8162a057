import type { Digest } from '../content/digest.js';
import type { LayerNames } from '../content/layer-names.js';
import { disputedNames, type DisputedName } from '../filesystem/disputed-names.js';
import type { ClosureImage } from '../image/closure.js';
import type { Finding } from '../image/finding.js';
import { printable } from '../tar/text.js';

const SENTENCES: Readonly<Record<DisputedName['given'], (name: string, below: number) => string>> = {
  link: (name, below) => `names lie below ${name}, to which the layer gives no entry and layer ${below} a link: Docker and podman on overlays put a folder in the place of the link, umoci and imgkit follow it; make the layer with names where the link leads`,
  other: (name, below) => `names lie below ${name}, to which the layer gives no entry and layer ${below} one that is no folder: Docker and podman on overlays put a folder there, umoci and imgkit refuse it; make the layer with an entry for the folder`,
  folder: (name, below) => `the layer deletes ${name} and gives it again as a folder: Docker and podman on overlays show in it what layer ${below} has there, umoci and imgkit do not; make the layer with an opaque marker in the folder`,
};

/** What engines make different files of, though each layer is right in itself: see `disputedNames`. Each is told once, however many images share the layers. */
export function disputedFindings(images: readonly ClosureImage[], names: ReadonlyMap<Digest, LayerNames>): readonly Finding[] {
  const findings = new Map<string, Finding>();
  for (const { manifest: { layers } } of images) {
    for (const { name, layer, below, given } of disputedNames(layers.map(({ digest }) => names.get(digest)))) {
      const subject = layers[layer]?.digest as Digest;
      const message = SENTENCES[given](`"${printable(name)}"`, below + 1);
      findings.set(`${subject} ${message}`, { check: 'layer-structure', status: 'note', subject, message });
    }
  }
  return [...findings.values()];
}
