import { readLocation } from '../../formats/locations/open-source.js';
import { isSameFile } from '../content/same-file.js';
import { ImgkitError } from '../errors.js';
import { filePath } from './file-path.js';

/** Throws `usage` when `output` is the file of the image at `location`, which something else would replace: a slip of the hand that nobody can take back. */
export async function refuseOwnImage(location: string, output: string): Promise<void> {
  const path = output === '-' ? undefined : await filePath(readLocation(location));
  if (path === undefined || !(await isSameFile(path, output))) return;
  throw new ImgkitError('usage', `${output} is the image itself, which would be gone; name another file to write.`, { file: output });
}
