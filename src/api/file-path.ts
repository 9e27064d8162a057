import { stat } from 'node:fs/promises';
import { archivePath, type Location } from '../image/location.js';

/** The path of the regular file or block device that `location` names; undefined when it names something else. */
export async function filePath(location: Location): Promise<string | undefined> {
  const path = archivePath(location);
  const info = path === undefined ? undefined : await stat(path).catch(() => undefined);
  return info?.isFile() === true || info?.isBlockDevice() === true ? path : undefined;
}
