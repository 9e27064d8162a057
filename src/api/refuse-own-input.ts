import { stat } from 'node:fs/promises';
import { ImgkitError } from '../errors.js';

/** Throws `usage` when `output` is the very file `input`, under whatever name: who encrypts for others could not get it back. */
export async function refuseOwnInput(input: string, output: string): Promise<void> {
  if (input === '-' || output === '-') return;
  const [from, to] = await Promise.all([input, output].map((path) => stat(path).catch(() => undefined)));
  if (from === undefined || to === undefined || from.dev !== to.dev || from.ino !== to.ino) return;
  throw new ImgkitError('usage', `${output} is the input itself, and would be gone; name another file to write.`, { file: output });
}
