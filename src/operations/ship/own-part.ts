import { splitRemotePath } from '../../transport/remote-name.js';
import { ownPartId, partPath } from './remote-target.js';

/** A part file with a name that no other process gives. */
export interface OwnPart {
  readonly path: string;
  /** It may be taken over, or removed, from now on. */
  release(): void;
}

/** The names of the parts that this process writes at the moment, none of which it gives twice: several hosts may be one, and so may two folders of one. */
const writing = new Set<string>();

/** A part file of `path` for what has this digest, or for what is made on the way (any hexadecimal digits). Whoever calls this releases it. */
export async function newPart(path: string, hex: string): Promise<OwnPart> {
  const part = partPath(path, await ownPartId(hex));
  const { name } = splitRemotePath(part);
  writing.add(name);
  return { path: part, release: () => void writing.delete(name) };
}

/** True while this process writes to it. */
export function isBeingWritten(part: string): boolean {
  return writing.has(splitRemotePath(part).name);
}
