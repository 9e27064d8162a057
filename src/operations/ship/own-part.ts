import { ownPartId, partPath, type RemoteTarget } from './remote-target.js';

/** A part file with a name that no other process gives. */
export interface OwnPart {
  readonly path: string;
  /** It may be taken over, or removed, from now on. */
  release(): void;
}

/** What this process writes at the moment, by URL of the folder and name: several hosts may be one, and so may two URLs. */
const writing = new Set<string>();

/** A part file of `path` for what has this digest, or for what is made on the way (any hexadecimal digits). Whoever calls this releases it. */
export async function newPart(target: Pick<RemoteTarget, 'transport'>, path: string, hex: string): Promise<OwnPart> {
  const part = partPath(path, await ownPartId(hex));
  const key = keyOf(target, part);
  writing.add(key);
  return { path: part, release: () => void writing.delete(key) };
}

/** True while this process writes to it. */
export function isBeingWritten(target: Pick<RemoteTarget, 'transport'>, part: string): boolean {
  return writing.has(keyOf(target, part));
}

function keyOf({ transport }: Pick<RemoteTarget, 'transport'>, path: string): string {
  return `${transport.origin}${path}`;
}
