import { stat } from 'node:fs/promises';
import type { Location } from '../image/location.js';

/** The path of the regular file or block device that `location` names; undefined when it names something else. */
export async function filePath(location: Location): Promise<string | undefined> {
  if (location.kind !== 'archive' && location.kind !== 'docker-archive' && location.kind !== 'oci-archive') return undefined;
  const info = await stat(location.path).catch(() => undefined);
  return info?.isFile() === true || info?.isBlockDevice() === true ? location.path : undefined;
}
