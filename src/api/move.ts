import { openSink } from '../../formats/locations/open-sink.js';
import { readLocation } from '../../formats/locations/open-source.js';
import { ImgkitError } from '../errors.js';
import type { Finding } from '../image/finding.js';
import type { Root } from '../image/image-source.js';
import type { Location } from '../image/location.js';
import { shownLocation } from '../image/location-url.js';
import { parsePlatform } from '../image/platform.js';
import type { Limits } from '../limits.js';
import { holdsImage } from '../operations/holds-image.js';
import { moveImages, type Moved } from '../operations/move-images.js';
import { withReferrers } from '../operations/referrers.js';
import type { Selection } from '../operations/selection.js';
import type { Candidate, Gate } from './admission.js';
import { attachedRoots } from './attached-roots.js';
import { givenNames, planDeliveries } from './deliveries.js';
import { describeMoved } from './describe-moved.js';
import { leaseStore } from './lease-store.js';
import type { ArchiveFormat, WriteOptions } from './options.js';
import type { MoveResult } from './results.js';
import { Session } from './session.js';

/** Archive formats by the names that users give them. */
export const FORMATS = { hybrid: 'hybrid', oci: 'oci-archive', docker: 'docker-archive' } as const satisfies Record<ArchiveFormat, string>;

/** What `save`, `load` and `copy` have in common: everything the sources mean goes to the target, in one transfer wherever it holds several images. */
export async function move(from: readonly string[], to: string, options: WriteOptions, checkLayers: boolean): Promise<MoveResult> {
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
      if (gate !== undefined) admitted.push(...gate.admit(await candidates(chosen, target, gate, session.limits)));
      selections.push(...chosen);
    }
    if (selections.length === 0) throw new ImgkitError('image-not-found', `${from.join(', ')}: there is no image to move; imgkit list shows what is there.`, { file: from[0] });
    const { limits } = session;
    const pool = await session.pool();
    const { force, storeFolder, stdout, network, compressArchive, signal, onProgress, platform, allPlatforms, compress, compressLevel } = options;
    const deliveries = await planDeliveries(selections, target, limits);
    const sign = options.signing && (await (await import('./make-sidecars.js')).makeSidecars(options.signing, signal));
    const moved: (Moved & { readonly format: string })[] = [];
    const lease = await leaseStore(selections, options);
    try {
      for (const delivery of deliveries) {
        const sink = await openSink(delivery.target, { pool, limits, format: FORMATS[options.format ?? 'hybrid'], compressArchive, force, storeFolder, stdout, network, encryption: options.encryption, sign, signal });
        const done = await moveImages(delivery.selections, sink, {
          pool, limits, signal, onProgress, allPlatforms, compress, level: compressLevel, checkLayers, proven,
          platform: platform === undefined ? undefined : parsePlatform(platform),
        });
        moved.push({ ...done, format: sink.format });
      }
    } finally {
      await lease?.release();
    }
    const sum = (count: (done: Moved) => number): number => moved.reduce((total, done) => total + count(done), 0);
    return {
      from: from.map(shownLocation), to: shownLocation(to), format: moved[0]?.format ?? target.kind,
      images: moved.flatMap((done) => describeMoved(done, done.format)),
      bytes: sum(({ written }) => written.bytes),
      reused: sum(({ written }) => written.reused),
      notes: distinctNotes([...new Set(selections.map(({ source }) => source))].flatMap(({ notes }) => notes).concat(admitted, moved.flatMap(({ notes }) => notes))),
    };
  };
  return Session.run(options, (session) => moveIn(session).catch(async (error: unknown) => {
    // A file that is not what was signed is refused for that, whatever else it broke.
    await proven();
    throw error;
  }));
}

/** Several transfers of one image tell the same. */
function distinctNotes(notes: readonly Finding[]): readonly Finding[] {
  return [...new Map(notes.map((note) => [JSON.stringify(note), note])).values()];
}

/** What the policy is asked about: every image, also one that only goes along, with the names that it has and those that it would get. */
async function candidates(selections: readonly Selection[], target: Location, gate: Gate, limits: Limits): Promise<readonly Candidate[]> {
  const asked: Candidate[] = [];
  for (const { source, root, names, meant } of selections) {
    if (!meant && !(await holdsImage(source, root, limits))) continue;
    asked.push({ digest: root.descriptor.digest, names: [...new Set([...names, ...givenNames(target, names)])], signatures: await gate.signatures(source, root) });
  }
  return asked;
}
