import { isAbsolute, join, resolve } from 'node:path';
import { homeFolder } from '../content/home-folder.js';

/**
 * Where the local store lies: `$IMGKIT_HOME/store`, else `$XDG_DATA_HOME/imgkit/store`, else `~/.local/share/imgkit/store`.
 * A relative `XDG_DATA_HOME` is ignored, as its specification demands; a relative `IMGKIT_HOME` is meant from the working folder.
 */
export function storeFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const home = environment['IMGKIT_HOME'];
  if (home !== undefined && home !== '') return join(resolve(home), 'store');
  const data = environment['XDG_DATA_HOME'];
  if (data !== undefined && isAbsolute(data)) return join(data, 'imgkit', 'store');
  return join(homeFolder(), '.local', 'share', 'imgkit', 'store');
}
