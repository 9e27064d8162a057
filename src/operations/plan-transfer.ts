import { counted } from '../content/counted.js';
import type { Descriptor, Platform } from '../content/descriptor.js';
import type { Digest } from '../content/digest.js';
import { ImgkitError } from '../errors.js';
import type { Closure, ClosureImage } from '../image/closure.js';
import { requireDiffId } from '../image/diff-id.js';
import type { Finding } from '../image/finding.js';
import type { ImageSink, Outlook, Transfer, TransferBlob, TransferRoot } from '../image/image-sink.js';
import type { Root } from '../image/image-source.js';
import { isAttestation } from '../image/image-index.js';
import { isIndexType, isManifestType } from '../image/media-type.js';
import { storedCompression } from '../image/stored-compression.js';
import { isAbsentLayer } from '../image/absent.js';
import { signedByTag } from '../image/signature-tag.js';
import type { Limits } from '../limits.js';
import { requireConsistent } from './check-config.js';
import { choosePlatform, findPlatform } from './choose-platform.js';
import { withoutNicknamed } from './distinct-selections.js';
import { labelOf, namesAtTarget, requireAllLayers, requireSomeImage } from './fit-target.js';
import type { LayerChange } from './layer-change.js';
import { readClosure, readConfig } from './read-closure.js';
import { ClosureRewrite, layersToChange } from './rewrite-closure.js';
import type { Selection } from './selection.js';
import { TransferBuilder } from './transfer-builder.js';

export interface PlanOptions {
  readonly limits: Limits;
  readonly platform?: Platform | undefined;
  /** Refuse when an index names what is not here. */
  readonly allPlatforms?: boolean | undefined;
  /** The target holds images, no indexes: take one platform of each root (docker-archive). */
  readonly onePlatform: boolean;
  /** See {@link ImageSink}. */
  readonly lists: ImageSink['lists'];
  /** Set when layers have to change. */
  readonly conversion?: LayerChange | undefined;
  /** Check diffIDs and layer structure while moving. */
  readonly checkLayers: boolean;
}

export interface PlannedTransfer {
  readonly transfer: Transfer;
  /** For each selection that is moved, in order. */
  readonly roots: readonly PlannedRoot[];
  readonly notes: readonly Finding[];
}

/** The root at the target and, when it had to change, why. */
export interface PlannedRoot {
  readonly root: TransferRoot;
  readonly from: Descriptor;
  readonly changedBecause?: string | undefined;
  readonly config?: Descriptor | undefined;
  /** As in {@link Selection}. */
  readonly meant: boolean;
}

/** Reads every manifest that the selections need and plans what the target will hold, blob by blob, without reading layers. */
export async function planTransfer(selections: readonly Selection[], options: PlanOptions): Promise<PlannedTransfer> {
  const plan = new Plan(options);
  for (const selection of listed(selections, options)) await plan.add(selection);
  plan.noteOutdated();
  requireSomeImage(selections, plan.roots);
  return { transfer: plan.builder, roots: plan.roots, notes: plan.notes };
}

/** What {@link planTransfer} will plan, as far as it is known before layers are changed. */
export async function outlookOf(selections: readonly Selection[], { conversion, ...options }: PlanOptions): Promise<readonly Outlook[]> {
  const plan = new Plan(options);
  const outlooks: Outlook[] = [];
  for (const selection of listed(selections, options)) {
    const planned = await plan.add(selection);
    if (planned === undefined) continue;
    const { root, closure } = planned;
    const bytes = plan.builder.documents.get(root.descriptor.digest)?.bytes;
    if (bytes !== undefined) outlooks.push({ root, bytes, ...(await layersOf(selection, closure, conversion, options.limits)) });
  }
  return outlooks;
}

async function layersOf({ source }: Selection, closure: Closure, conversion: LayerChange | undefined, limits: Limits): Promise<Pick<Outlook, 'changes' | 'kept'>> {
  const changing = new Set<Digest>();
  const kept = new Set<Digest>();
  for (const image of closure.images) {
    if (conversion !== undefined) for (const { layer } of await layersToChange(source, closure, image, conversion, limits)) changing.add(layer.digest);
    for (const { digest } of image.manifest.layers) if (closure.blobs.has(digest) && !changing.has(digest)) kept.add(digest);
  }
  return { changes: changing.size > 0, kept };
}

/** What the target lists by itself: where it takes no bare ref names, an image that has only several of them is one. */
function listed(selections: readonly Selection[], { lists }: Pick<PlanOptions, 'lists'>): readonly Selection[] {
  return lists === 'any' ? selections : withoutNicknamed(selections);
}

class Plan {
  readonly builder = new TransferBuilder();
  readonly roots: PlannedRoot[] = [];
  readonly notes: Finding[] = [];
  /** Manifests that are not moved because one platform was taken out of their index, and what is about them. */
  readonly #left = new Set<Digest>();
  /** Manifests that are written anew, by what they were. */
  readonly #rewritten = new Set<Digest>();
  /** What the artifacts that go along are about. */
  readonly #subjects: Digest[] = [];
  readonly #options: PlanOptions;

  constructor(options: PlanOptions) {
    this.#options = options;
  }

  /** Returns the root at the target, and what it needs, as it is in its source; undefined where the target cannot hold it, or what it is about is left. */
  async add(selection: Selection): Promise<{ readonly root: TransferRoot; readonly closure: Closure } | undefined> {
    const { source, root, names, meant } = selection;
    const { limits, platform, allPlatforms, onePlatform, lists } = this.#options;
    let closure = await readClosure(source, root.descriptor, limits);
    let top = root.descriptor;
    let changedBecause: string | undefined;
    const subject = meant ? undefined : subjectOf(root, closure);
    if (subject !== undefined && this.#left.has(subject)) {
      this.#left.add(top.digest);
      return undefined;
    }
    const runnable = closure.images.length > 0;
    // An artifact is for no platform.
    const chooses = platform !== undefined && meant && (runnable || isIndexType(top.mediaType));
    if (chooses || (onePlatform && runnable && closure.images[0]?.descriptor !== top)) {
      const count = closure.images.length + closure.absent.filter(isAbsentImage).length;
      if (allPlatforms === true && count > 1) throw tooManyPlatforms(selection, count);
      const image = await choosePlatform(source, closure, platform, limits, source.roots.length > 1 ? labelOf(selection) : undefined);
      if (image.descriptor.digest !== top.digest) {
        changedBecause = 'one platform was taken out of an index';
        for (const digest of closure.documents.keys()) this.#left.add(digest);
        top = withoutPlatform(image.descriptor, root.descriptor);
        closure = await readClosure(source, top, limits);
        for (const digest of closure.documents.keys()) this.#left.delete(digest);
      }
    }
    if (lists === 'tags' && closure.images.length === 0) {
      this.notes.push({ check: 'names', status: 'note', subject: names[0] ?? top.digest, message: 'not a runnable image, which docker archives and engines cannot hold; left out' });
      return undefined;
    }
    this.#noteAbsent(closure, selection, allPlatforms === true);
    const rewrite = new ClosureRewrite(source, closure, this.#options.conversion, limits);
    const descriptor = await rewrite.rewrite(top);
    if (descriptor.digest !== top.digest) changedBecause = rewrite.reason;
    for (const digest of rewrite.rewritten()) this.#rewritten.add(digest);
    if (subject !== undefined) this.#subjects.push(subject);
    const planned: TransferRoot = { descriptor, names: namesAtTarget(selection, descriptor, lists, this.notes), refName: lists === 'any' && names.length === 0 ? selection.refName : undefined, manifestOrigin: root.manifestOrigin };
    for (const document of rewrite.documents) this.builder.addDocument(document.descriptor, document.bytes);
    for (const blob of await this.#blobs(selection, closure, rewrite)) this.builder.addBlob(blob);
    this.builder.roots.push(planned);
    const image = await findPlatform(source, closure, platform, limits) ?? closure.images[0];
    const config = image?.manifest.config;
    this.roots.push({ root: planned, from: root.descriptor, changedBecause, config, meant });
    if (image !== undefined) {
      if (lists === 'tags') requireAllLayers(selection, closure, image);
      const { manifest, layers } = rewrite.image(image);
      // Nothing of it is needed: what nobody could read goes no further.
      await readConfig(source, image, limits);
      this.builder.images.push({ root: planned, manifest, config: image.manifest.config, layers });
    }
    return { root: planned, closure };
  }

  /** Signatures and SBOMs name a manifest by its digest, and nobody but their makers can change that. */
  noteOutdated(): void {
    const outdated = this.#subjects.filter((digest) => this.#rewritten.has(digest));
    const [first] = outdated;
    if (first === undefined) return;
    this.notes.push({ check: 'closure', status: 'note', subject: first, message: `${counted(outdated.length, 'artifact')} (signatures, SBOMs) went along that ${outdated.length === 1 ? 'is' : 'are'} about the manifest as it was, and say nothing of the new one; sign the image again where it is now` });
  }

  async #blobs({ source }: Selection, closure: Closure, rewrite: ClosureRewrite): Promise<readonly TransferBlob[]> {
    const checks = this.#options.checkLayers ? await layerChecks(source, closure, this.#options.limits) : new Map<string, TransferBlob['layer']>();
    return [...closure.blobs.values()].map((descriptor) => {
      const from = { blobs: source.blobs, digest: descriptor.digest, size: descriptor.size, name: `${source.location}: ${descriptor.digest}` };
      const blob = rewrite.converted(descriptor) ?? { descriptor, from, size: 'exact' };
      return { ...blob, layer: checks.get(descriptor.digest) };
    });
  }

  #noteAbsent({ absent }: Closure, { source }: Selection, refuse: boolean): void {
    const note = (message: string): void => {
      this.notes.push({ check: 'closure', status: 'note', subject: source.location, message });
    };
    const layers = absent.filter(isAbsentLayer);
    if (layers.length > 0) note(`${counted(layers.length, 'layer')} not here (first ${layers[0]?.digest}), for ${layers.length === 1 ? 'its publisher does' : 'their publishers do'} not let others distribute ${layers.length === 1 ? 'it' : 'them'}; legal, but docker load wants every layer`);
    const members = absent.filter((descriptor) => !isAbsentLayer(descriptor));
    const [first] = members;
    if (first === undefined) return;
    if (refuse) throw new ImgkitError('blob-missing', `${source.location}: ${members.length} of the platforms or attestations that the index names are not there (first ${first.digest}); without --all-platforms the others are moved.`, { file: source.location, entry: first.digest });
    note(`the index names ${counted(members.length, 'manifest')} not here (other platforms or attestations); legal, the index is kept as it is`);
  }
}

/** The manifest that an artifact is about. */
function subjectOf(root: Root, { documents }: Closure): Digest | undefined {
  const document = documents.get(root.descriptor.digest);
  return signedByTag(root) ?? (document?.manifest ?? document?.index)?.subject?.digest;
}

/** What the layers of every image must prove. Images that contradict themselves are refused (`document-malformed`, `diffid-mismatch`). */
async function layerChecks(source: Selection['source'], closure: Closure, limits: Limits): Promise<ReadonlyMap<string, TransferBlob['layer']>> {
  const checks = new Map<string, TransferBlob['layer']>();
  for (const image of closure.images) {
    const config = await readConfig(source, image, limits);
    requireConsistent(config, image, source.location);
    for (const [i, layer] of image.manifest.layers.entries()) {
      const { digest } = layer;
      const diffId = config.diffIds[i];
      const compression = storedCompression(layer, diffId);
      if (compression === undefined || diffId === undefined) continue;
      requireDiffId(digest, diffId, checks.get(digest)?.diffId ?? diffId, `${source.location}: ${digest}`);
      checks.set(digest, { compression, diffId });
    }
  }
  return checks;
}

/** An attestation is for no platform. */
function isAbsentImage(descriptor: Descriptor): boolean {
  return isManifestType(descriptor.mediaType) && !isAttestation(descriptor);
}

function tooManyPlatforms(selection: Selection, count: number): ImgkitError {
  const { location: file } = selection.source;
  return new ImgkitError('usage', `${file}: ${labelOf(selection)} is ${count} platforms, and docker archives and engines hold one of an image; choose it with --platform, or write another format, which holds all.`, { file, found: String(count) });
}

/** A manifest lifted out of its index keeps the annotations that name the root, not the platform that told it from others. */
function withoutPlatform(descriptor: ClosureImage['descriptor'], root: Descriptor): Descriptor {
  const { mediaType, digest, size } = descriptor;
  return { mediaType, digest, size, ...(root.annotations === undefined ? {} : { annotations: root.annotations }) };
}
