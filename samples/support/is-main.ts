import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** True for the module that node was started with. */
export function isMain(url: string): boolean {
  const started = process.argv[1];
  return started !== undefined && realpathSync(started) === fileURLToPath(url);
}
