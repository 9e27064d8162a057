import { isSameFile } from '../content/same-file.js';
import { ImgkitError } from '../errors.js';

/** Throws `usage` when `output` is the very file `input`, under whatever name: who encrypts for others could not get it back. */
export async function refuseOwnInput(input: string, output: string): Promise<void> {
  if (input === '-' || output === '-' || !(await isSameFile(input, output))) return;
  throw new ImgkitError('usage', `${output} is the input itself, and would be gone; name another file to write.`, { file: output });
}
