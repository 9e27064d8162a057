import { walkClosure, type Closure, type ClosureImage } from '../image/closure.js';
import { isAbsentLayer, whyAbsent } from '../image/absent.js';
import { parseConfig } from '../image/config.js';
import type { Check, Finding } from '../image/finding.js';
import type { ImageSource, Root } from '../image/image-source.js';
import { sharedNames } from '../image/shared-names.js';
import { storedCompression } from '../image/stored-compression.js';
import { counted } from '../content/counted.js';
import { readBlob } from '../content/verified-read.js';
import type { Limits } from '../limits.js';
import { findingFor, type VerifyOptions } from './verify-finding.js';
import { checkConfig } from './check-config.js';
import { disputedFindings } from './disputed-findings.js';
import { checkBlobs, type BlobToCheck } from './verify-blobs.js';

/**
 * Checks everything that `roots` reach: documents, closure, every blob's size and digest, diffIDs and structure of layers,
 * configs, counts, media types. Never stops at the first fault: each is a finding. Reads every blob once.
 */
export async function verifySource(source: ImageSource, roots: readonly Root[], options: VerifyOptions): Promise<readonly Finding[]> {
  const verification = new Verification(source, options);
  for (const root of roots) await verification.root(root);
  verification.names(roots);
  const { findings, names } = await checkBlobs(source, [...verification.blobs.values()], options);
  return [...source.notes, ...verification.findings, ...findings, ...disputedFindings(verification.images, names)];
}

class Verification {
  readonly findings: Finding[] = [];
  readonly blobs = new Map<string, BlobToCheck>();
  /** Those whose config could be read. */
  readonly images: ClosureImage[] = [];
  readonly #source: ImageSource;
  readonly #limits: Limits;
  /** Those that were looked into. */
  readonly #roots = new Set<string>();

  constructor(source: ImageSource, { limits }: VerifyOptions) {
    this.#source = source;
    this.#limits = limits;
  }

  names(roots: readonly Root[]): void {
    for (const { name, digests } of sharedNames(roots)) {
      this.#add('names', 'failed', name, `the name of ${digests.length} images (${digests.join(', ')}): one reader takes the first, another the last`);
    }
  }

  async root({ descriptor, names, refName, manifestOrigin }: Root): Promise<void> {
    const subject = descriptor.digest;
    const name = names.join(', ') || refName || 'untagged';
    this.#add('names', 'ok', subject, manifestOrigin === 'synthesized' ? `${name} (manifest synthesized: a docker archive holds none)` : name);
    // Under another bare ref name.
    if (this.#roots.has(subject)) return;
    this.#roots.add(subject);
    let closure: Closure;
    try {
      closure = await walkClosure(this.#source.blobs, descriptor, this.#limits, this.#source.location);
    } catch (error) {
      this.findings.push(findingFor(error, 'documents', subject));
      return;
    }
    for (const document of closure.documents.values()) {
      const what = document.index === undefined ? 'manifest' : `index of ${document.index.manifests.length}`;
      this.#add('documents', 'ok', document.descriptor.digest, `${what}, ${document.bytes.length} bytes, digest and syntax right`);
    }
    this.#closure(closure, subject);
    for (const blob of closure.blobs.values()) if (!this.blobs.has(blob.digest)) this.blobs.set(blob.digest, { descriptor: blob, layers: [] });
    for (const image of closure.images) await this.#image(image);
  }

  #closure({ absent, missing, blobs }: Closure, subject: string): void {
    for (const descriptor of absent) this.#add('closure', 'note', descriptor.digest, whyAbsent(descriptor));
    for (const { descriptor, parent } of missing) this.#add('closure', 'failed', descriptor.digest, `named by manifest ${parent} and not here: the image is incomplete`);
    const away = absent.filter(isAbsentLayer).length;
    const here = away === 0 ? 'all of them here' : `all but ${counted(away, 'layer')} here`;
    if (missing.length === 0) this.#add('closure', 'ok', subject, `${blobs.size + away} blobs named, ${here}`);
  }

  async #image(image: ClosureImage): Promise<void> {
    const { config: configDescriptor, layers } = image.manifest;
    try {
      const where = `config ${configDescriptor.digest}`;
      const config = parseConfig(await readBlob(this.#source.blobs, configDescriptor, this.#limits.configBytes), where, this.#limits);
      this.findings.push(...checkConfig(config, image));
      this.images.push(image);
      for (const [i, layer] of layers.entries()) {
        const diffId = config.diffIds[i];
        const compression = storedCompression(layer, diffId);
        const blob = this.blobs.get(layer.digest);
        if (compression !== undefined && diffId !== undefined && blob !== undefined) blob.layers.push({ compression, diffId });
      }
    } catch (error) {
      this.findings.push(findingFor(error, 'config', configDescriptor.digest));
    }
  }

  #add(check: Check, status: Finding['status'], subject: string, message: string): void {
    this.findings.push({ check, status, subject, message });
  }
}
