import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { runOrThrow } from './run.js';

/**
 * Everything below a folder, one line each: type, mode, owner, time (of what is no folder), device, link target, digest of the
 * content, the other names of a file, and every extended attribute. Names are shown byte for byte.
 */
export async function diskListing(root: string): Promise<readonly string[]> {
  const lines: string[] = [];
  const names = new Map<bigint, string>();
  const walk = (folder: Buffer, shown: string): void => {
    for (const name of readdirSync(folder, 'buffer').sort(Buffer.compare)) {
      const path = Buffer.concat([folder, Buffer.from('/'), name]);
      const at = `${shown}/${name.toString('latin1')}`;
      const stats = lstatSync(path, { bigint: true });
      const type = Number(stats.mode >> 12n).toString(8);
      const parts = [type, (Number(stats.mode) & 0o7777).toString(8), `${stats.uid}:${stats.gid}`, at];
      if (stats.isSymbolicLink()) parts.push(`-> ${readlinkSync(path, 'latin1')}`);
      // Node sets times to the microsecond, and of folders every tool sees to it in its own way.
      if (!stats.isDirectory() && !stats.isSymbolicLink()) parts.push(`t${stats.mtimeNs / 1_000_000n}`);
      if (stats.isBlockDevice() || stats.isCharacterDevice()) parts.push(`dev ${stats.rdev}`);
      if (stats.isFile()) parts.push(createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16));
      if (!stats.isDirectory() && stats.nlink > 1n) {
        const first = names.get(stats.ino) ?? at;
        names.set(stats.ino, first);
        parts.push(`= ${first}`);
      }
      lines.push(parts.join(' '));
      if (stats.isDirectory()) walk(path, at);
    }
  };
  walk(Buffer.from(root), '');
  return [...lines, ...(await attributes(root))];
}

async function attributes(root: string): Promise<readonly string[]> {
  const dump = await runOrThrow('getfattr', ['--recursive', '--physical', '--no-dereference', '--match=-', '--dump', '--encoding=hex', '.'], { cwd: root });
  return dump.split('\n\n').filter((each) => each.trim() !== '').map((each) => each.trim().split('\n').sort().join(' ')).sort();
}
