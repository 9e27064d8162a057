import { openSink } from '../../formats/locations/open-sink.js';
import { readLocation } from '../../formats/locations/open-source.js';
import { requireWritable } from '../../formats/locations/require-writable.js';
import { ImgkitError } from '../errors.js';
import type { Finding } from '../image/finding.js';
import type { Location } from '../image/location.js';
import { shownLocation } from '../image/location-url.js';
import { parsePlatform } from '../image/platform.js';
import { ofPlatform } from '../operations/of-platform.js';
import { moveImages, type Moved } from '../operations/move-images.js';
import type { Selection } from '../operations/selection.js';
import { PushedBlobs } from '../registry/pushed-blobs.js';
import type { Gate } from './admission.js';
import { givenNames, planDeliveries } from './deliveries.js';
import { describeMoved } from './describe-moved.js';
import { leaseStore } from './lease-store.js';
import type { ArchiveFormat, WriteOptions } from './options.js';
import { refuseContradiction } from './refuse-contradiction.js';
import { refuseLosing } from './refuse-losing.js';
import { requireOneMeaning } from './require-one-meaning.js';
import type { MoveResult } from './results.js';
import { candidates, selectRoots } from './select-roots.js';
import { Session } from './session.js';
import type { AdmissionOptions } from './signature-check.js';

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
    refuseContradiction(target, options);
    await requireWritable(target, options.storeFolder);
    const platform = options.platform === undefined ? undefined : parsePlatform(options.platform);
    const selections: Selection[] = [];
    const admitted: Finding[] = [];
    for (const text of from) {
      const location = readLocation(text);
      const gate = options.admission && (await openGate(session, location, options.admission));
      if (gate !== undefined) gates.push(gate);
      const { source, roots: found } = await session.open(location, { referrers: true, prove: gate?.prove, proveChunks: gate?.proveChunks });
      const roots = platform === undefined ? found : ofPlatform(found, platform);
      requireOneMeaning(source, roots);
      const chosen = await selectRoots(source, roots, session.limits);
      if (gate !== undefined) admitted.push(...gate.admit(await candidates(chosen, session.limits, gate.signatures, (names) => givenNames(target, names))));
      selections.push(...chosen);
    }
    if (selections.length === 0) throw new ImgkitError('image-not-found', `${from.join(', ')}: there is no image to move; imgkit list shows what is there.`, { file: from[0] });
    const { limits } = session;
    await refuseLosing(target, selections, limits);
    const pool = await session.pool();
    const { force, storeFolder, stdout, network, compressArchive, signal, onProgress, allPlatforms, compress, compressLevel } = options;
    const deliveries = await planDeliveries(selections, target, limits);
    const sign = options.signing && (await (await import('./make-sidecars.js')).makeSidecars(options.signing, signal));
    const moved: (Moved & { readonly format: string })[] = [];
    const pushed = new PushedBlobs();
    const lease = await leaseStore(selections, options);
    try {
      for (const delivery of deliveries) {
        const sink = await openSink(delivery.target, { pool, limits, format: FORMATS[options.format ?? 'hybrid'], compressArchive, force, storeFolder, stdout, network, pushed, encryption: options.encryption, sign, signal });
        const done = await moveImages(delivery.selections, sink, {
          pool, limits, signal, onProgress, allPlatforms, compress, level: compressLevel, checkLayers, proven, platform,
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

/** The file is hashed from here on, beside the loading of what checks signatures. */
async function openGate(session: Session, location: Location, admission: AdmissionOptions): Promise<Gate> {
  const hashing = await (await import('./hashing.js')).Hashing.of(session, location);
  return (await import('./admission.js')).openGate(session, location, admission, hashing);
}

/** Several transfers of one image tell the same. */
function distinctNotes(notes: readonly Finding[]): readonly Finding[] {
  return [...new Map(notes.map((note) => [JSON.stringify(note), note])).values()];
}
