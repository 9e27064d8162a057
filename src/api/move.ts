import { openSink } from '../../formats/locations/open-sink.js';
import { readLocation } from '../../formats/locations/open-source.js';
import { ImgkitError } from '../errors.js';
import type { Finding } from '../image/finding.js';
import type { Root } from '../image/image-source.js';
import type { Location } from '../image/location.js';
import { shownLocation } from '../image/location-url.js';
import { parsePlatform } from '../image/platform.js';
import { resolveLimits } from '../limits.js';
import { formatReference, parseReference, type Reference } from '../image/reference.js';
import { signatureTag, signedByTag } from '../image/signature-tag.js';
import { distinctSelections } from '../operations/distinct-selections.js';
import { moveImages } from '../operations/move-images.js';
import { withReferrers } from '../operations/referrers.js';
import type { Selection } from '../operations/selection.js';
import type { Candidate, Gate } from './admission.js';
import { attachedRoots } from './attached-roots.js';
import type { ArchiveFormat, WriteOptions } from './options.js';
import type { MoveResult } from './results.js';
import { Session } from './session.js';

/** Archive formats by the names that users give them. */
export const FORMATS = { hybrid: 'hybrid', oci: 'oci-archive', docker: 'docker-archive' } as const satisfies Record<ArchiveFormat, string>;

/** What `save`, `load` and `copy` have in common: everything the sources mean goes to the target in one transfer; to a registry as such, in one for each name. */
export async function move(from: readonly string[], to: string, options: WriteOptions, checkLayers: boolean): Promise<MoveResult> {
  const place = readLocation(to);
  if (place.kind === 'registry-host') return (await import('./push-each.js')).pushEach(from, place, options, (one, name) => move([one], name, options, checkLayers));
  const gates: Gate[] = [];
  const proven = async (): Promise<void> => {
    for (const gate of gates) await gate.proven?.();
  };
  const moveIn = async (session: Session): Promise<MoveResult> => {
    const target = readLocation(to);
    const selections: Selection[] = [];
    const admitted: Finding[] = [];
    for (const text of from) {
      const location = readLocation(text);
      const gate = options.admission && (await (await import('./admission.js')).openGate(location, options.admission, session));
      if (gate !== undefined) gates.push(gate);
      const { source, roots } = await session.open(location, { referrers: true, prove: gate?.prove, proveChunks: gate?.proveChunks });
      const attached = await attachedRoots(source, roots, session.limits);
      const select = (root: Root, meant: boolean): Selection => ({ source, root, names: root.names, refName: root.refName, meant });
      const all = await withReferrers(source, roots, session.limits);
      const chosen = all.map((root) => select(root, roots.includes(root) && !attached.has(root)));
      if (gate !== undefined) admitted.push(...gate.admit(await candidates(chosen, target, gate)));
      selections.push(...chosen);
    }
    if (selections.length === 0) throw new ImgkitError('image-not-found', `${from.join(', ')}: there is no image to move; imgkit list shows what is there.`, { file: from[0] });
    const { limits } = session;
    const pool = await session.pool();
    const { force, storeFolder, stdout, network, compressArchive, signal, onProgress, platform, allPlatforms, compress, compressLevel } = options;
    const renamed = rename(distinctSelections(selections), target);
    const sign = options.signing && (await (await import('./make-sidecars.js')).makeSidecars(options.signing, signal));
    const sink = await openSink(target, { pool, limits, format: FORMATS[options.format ?? 'hybrid'], compressArchive, force, storeFolder, stdout, network, encryption: options.encryption, sign, signal });
    const lease = await leaseStore(selections, options);
    const moved = await moveImages(renamed, sink, {
      pool, limits, signal, onProgress, allPlatforms, compress, level: compressLevel, checkLayers, proven,
      platform: platform === undefined ? undefined : parsePlatform(platform),
    }).finally(() => lease?.release());
    return {
      from: from.map(shownLocation), to: shownLocation(to), format: sink.format,
      images: moved.roots.map(({ root, from: origin, changedBecause, config }) => ({
        names: root.names,
        digest: root.descriptor.digest,
        sourceDigest: origin.digest === root.descriptor.digest ? undefined : origin.digest,
        changedBecause: sink.format === 'docker-archive' ? 'a docker archive holds no manifest, so its readers make one up' : changedBecause,
        imageId: config?.digest,
        manifestOrigin: sink.format === 'docker-archive' ? 'synthesized' : root.manifestOrigin,
      })),
      bytes: moved.written.bytes,
      reused: moved.written.reused,
      notes: [...new Set(selections.map(({ source }) => source))].flatMap(({ notes }) => notes).concat(admitted, moved.notes),
    };
  };
  return Session.run(options, (session) => moveIn(session).catch(async (error: unknown) => {
    // A file that is not what was signed is refused for that, whatever else it broke.
    await proven();
    throw error;
  }));
}

/** What is read from the store stays there until it was read, whatever a `gc` beside it does. */
export async function leaseStore(selections: readonly Pick<Selection, 'source' | 'root'>[], { storeFolder, limits }: WriteOptions): Promise<{ release(): Promise<void> } | undefined> {
  const digests = selections.filter(({ source }) => source.format === 'store').map(({ root }) => root.descriptor.digest);
  if (digests.length === 0) return undefined;
  const { openStore } = await import('../store/store.js');
  return (await openStore({ folder: storeFolder, limits: resolveLimits(limits) })).lease(digests);
}

/** What the policy is asked about: every image that is meant, with the names that it has and those that it would get. */
async function candidates(selections: readonly Selection[], target: Location, gate: Gate): Promise<readonly Candidate[]> {
  const given = targetName(target)?.names ?? [];
  return Promise.all(selections.filter(({ meant }) => meant).map(async ({ source, root, names }) => ({
    digest: root.descriptor.digest, names: [...new Set([...names, ...given])], signatures: await gate.signatures(source, root),
  })));
}

/** A name in the target location replaces the names at the source; it can only be given to one image. */
function rename(selections: readonly Selection[], target: Location): readonly Selection[] {
  const name = targetName(target);
  if (name === undefined) return selections;
  const named = selections.filter(({ meant }) => meant);
  if (named.length > 1) throw new ImgkitError('usage', `${target.text} names one image, but ${named.length} would be moved; name one at the source, or leave the name out at the target.`);
  const { tag: _, ...repository } = name.names[0] === undefined ? {} as Partial<Reference> : parseReference(name.names[0]);
  return selections.map((selection) => {
    if (selection.meant) return { ...selection, ...name };
    const subject = signedByTag(selection.root);
    // The signatures of cosign are found in the repository of the image.
    if (subject === undefined) return selection;
    return repository.repository === undefined ? { ...selection, names: [], refName: signatureTag(subject) } : { ...selection, names: [formatReference({ ...(repository as Reference), tag: signatureTag(subject) })] };
  });
}

/** What a target that names its image calls it. */
export function targetName(target: Location): { readonly names: readonly string[]; readonly refName?: string | undefined } | undefined {
  switch (target.kind) {
    case 'docker-archive':
    case 'docker-daemon':
    case 'store':
    case 'registry':
      return target.reference === undefined ? undefined : { names: [target.reference] };
    case 'oci-archive':
    case 'oci-layout':
      return target.ref === undefined ? undefined : { names: [], refName: target.ref };
    default:
      return undefined;
  }
}
