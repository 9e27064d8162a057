import type { ByteSource } from '../content/byte-source.js';
import type { Compression } from '../content/compression.js';
import type { LentChunk } from '../content/lent-chunk.js';
import { openSink } from '../../formats/locations/open-sink.js';
import { readLocation } from '../../formats/locations/open-source.js';
import { ImgkitError } from '../errors.js';
import { draftFamily, draftFrom, encodeDraft, toOciTypes, type DraftLayer, type ImageDraft } from '../image/derive.js';
import type { Finding } from '../image/finding.js';
import { readConfig } from '../operations/read-closure.js';
import type { Location } from '../image/location.js';
import { mediaFamily } from '../image/media-type.js';
import { familiarName, fullReference, parseReference } from '../image/reference.js';
import { shownLocation } from '../image/location-url.js';
import { madeSource } from '../operations/made-source.js';
import { moveImages } from '../operations/move-images.js';
import { stageLayer } from '../operations/stage-layer.js';
import { stageTar } from '../operations/stage-tar.js';
import { leaseStore } from './lease-store.js';
import type { MakeOptions } from './make-options.js';
import type { MadeLayer, MakeResult } from './make-result.js';
import { FORMATS } from './move.js';
import { openImage, type OpenedImage } from './open-image.js';
import { refuseLevel } from './refuse-contradiction.js';
import { refuseLosing } from './refuse-losing.js';
import { requireImage } from './require-image.js';
import type { Session } from './session.js';
import { targetName } from './target-name.js';

/** An image that another is made from: one platform, its config read and its counts checked. */
export interface BaseImage extends OpenedImage {
  readonly image: NonNullable<OpenedImage['image']>;
  readonly draft: ImageDraft;
  readonly config: Awaited<ReturnType<typeof readConfig>>;
}

/** What the making of an image works with. */
export interface Making {
  /** Takes the uncompressed bytes of a new layer into the target; `from` says where they came from. */
  stage(draft: ImageDraft, plain: AsyncIterable<LentChunk>, from?: string): Promise<DraftLayer>;
  /** Takes a layer tar in as it is, checked; what is compressed stays so unless `compress` asks otherwise. */
  stageTar(draft: ImageDraft, source: ByteSource, compression: Compression, from?: string): Promise<DraftLayer>;
  /** Something that the user should know. */
  note(message: string, subject: string): void;
}

/** A finished draft and what is different about it. */
export interface Made {
  readonly draft: ImageDraft;
  readonly changes: readonly string[];
}

/** Opens the runnable image at `location`. Throws as {@link requireImage} does. */
export async function openBase(session: Session, location: string, platform: string | undefined): Promise<BaseImage> {
  const opened = await openImage(session, location, platform);
  const image = requireImage(opened, location, 'nothing can be made from it');
  const config = await readConfig(opened.source, image, session.limits);
  return { ...opened, image, config, draft: draftFrom(image.manifest, config) };
}

/**
 * Makes one image and writes it to `options.to`: `make` gives the draft and stages its new layers. All or nothing: on failure
 * the target keeps nothing. The first of `bases` is what the image is said to be made from.
 */
export async function makeImage(session: Session, from: string, bases: readonly BaseImage[], options: MakeOptions, make: (making: Making) => Promise<Made>): Promise<MakeResult> {
  const { limits } = session;
  const { to, force, storeFolder, stdout, compressArchive, signal, onProgress, compressLevel } = options;
  const target = readLocation(to);
  refuseLevel(options.compress ?? 'gzip', compressLevel);
  await refuseLosing(target, bases, limits);
  const lease = await leaseStore(bases, options);
  const [base] = bases;
  const layers: MadeLayer[] = [];
  const notes: Finding[] = base === undefined ? [] : platformNotes(base, options.platform);
  const pool = await session.pool();
  const sink = await openSink(target, { pool, limits, format: FORMATS[options.format ?? 'hybrid'], compressArchive, force, storeFolder, stdout, network: options.network, encryption: options.encryption, signal });
  // Two folders may have the same to tell.
  const note = (message: string, subject: string): void => void (notes.some((known) => known.message === message) || notes.push({ check: 'layer-structure', status: 'note', subject, message }));
  try {
    const asked = sink.layers === 'none' ? 'none' : options.compress;
    const how = (draft: ImageDraft) => ({ level: compressLevel, family: asked === 'zstd' ? 'oci' : draftFamily(draft), signal, onProgress }) as const;
    const keep = (layer: DraftLayer, origin: string | undefined): DraftLayer => {
      const { descriptor: { digest, size }, diffId } = layer;
      layers.push({ digest, diffId, size, ...(origin === undefined ? {} : { from: origin }) });
      return layer;
    };
    const { draft, changes } = await make({
      stage: async (current, plain, origin) => keep(await stageLayer(plain, sink, { ...how(current), compression: asked ?? 'gzip' }), origin),
      stageTar: async (current, source, around, origin) => keep(await stageTar(source, around, sink, { ...how(current), compression: asked, limits, onNote: (message) => note(message, origin ?? source.name) }), origin),
      note,
    });
    const { config, manifest } = encodeDraft(oneFamily(draft));
    const staged = new Map(layers.map(({ digest, size }) => [digest, size]));
    const source = madeSource({ location: shownLocation(from), manifest, config, bases: bases.map((each) => each.source), staged });
    const root = source.roots[0] as (typeof source.roots)[number];
    const selection = { source, root, meant: true, ...(nameFrom(target) ?? { names: base?.root.names ?? [], refName: base?.root.refName }) };
    const moved = await moveImages([selection], sink, { pool, limits, signal, onProgress, checkLayers: false });
    const [written] = moved.roots;
    return {
      from: shownLocation(from), to: shownLocation(to), format: sink.format, names: selection.names,
      digest: written?.root.descriptor.digest ?? manifest.descriptor.digest,
      imageId: config.descriptor.digest,
      sourceDigest: base?.image.descriptor.digest,
      changes, layers, bytes: moved.written.bytes, reused: moved.written.reused,
      notes: [...notes, ...moved.notes],
    };
  } finally {
    await sink.discard();
    await lease?.release();
  }
}

/** Media types of one family: Docker's when all are Docker's, else OCI's. */
function oneFamily(draft: ImageDraft): ImageDraft {
  const types = [draft.manifest.mediaType, ...draft.layers.map(({ descriptor }) => descriptor.mediaType)];
  return types.every((type) => mediaFamily(type) === 'docker') ? draft : toOciTypes(draft);
}

/** The name that the target gives; an archive names its image behind `#`. */
function nameFrom(target: Location): ReturnType<typeof targetName> {
  if (target.kind === 'archive') return target.ref === undefined ? undefined : { names: [fullReference(target.ref)] };
  if (target.kind === 'store' && target.reference === undefined) throw new ImgkitError('usage', `${target.text}: give the new image a name, as in app:2.`, { file: target.text });
  if (target.kind === 'store' && target.reference?.includes('@') === true) throw new ImgkitError('reference-invalid', `${target.text}: a new image cannot be told its digest; name it without.`, { found: target.text });
  return targetName(target);
}

function platformNotes({ root, image, source }: BaseImage, asked: string | undefined): Finding[] {
  if (asked !== undefined || root.descriptor.digest === image.descriptor.digest) return [];
  const name = root.names[0];
  const subject = name === undefined ? source.location : familiarName(parseReference(name));
  return [{ check: 'names', status: 'note', subject, message: 'of its platforms the one of this machine was taken; choose another with --platform' }];
}
