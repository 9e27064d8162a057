import { lstat } from 'node:fs/promises';
import { join } from 'node:path';

/** `NAME`, or `NAME.2`...: the first that nothing in `folder` has, neither alone nor with one of `suffixes` behind it. */
export async function freeName(folder: string, name: string, suffixes: readonly string[]): Promise<string> {
  for (let i = 1; ; i++) {
    const free = i === 1 ? name : `${name}.${i}`;
    const taken = await Promise.all(['', ...suffixes].map((suffix) => lstat(join(folder, `${free}${suffix}`)).catch(() => undefined)));
    if (taken.every((each) => each === undefined)) return free;
  }
}
