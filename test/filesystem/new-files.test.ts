import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { BodyStage } from '../../src/filesystem/extract/body-stage.js';
import { FileWriter } from '../../src/filesystem/extract/file-writer.js';
import { OpenFolders } from '../../src/filesystem/extract/open-folders.js';
import type { Inode } from '../../src/filesystem/inode.js';
import { makeScratch } from '../helpers/scratch.js';
import { changes, entry } from './layers.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

const inode = changes(0, ['file:3']).additions.at(0).inode as Inode;
let number = 0;

/** An open folder beside a file of somebody else. */
function setUp(): { readonly folder: string; readonly fd: number; readonly victim: string } {
  const folder = scratch.path(`folder-${number++}`);
  mkdirSync(folder);
  const victim = `${folder}.victim`;
  writeFileSync(victim, 'mine');
  return { folder, fd: openSync(folder, 'r'), victim };
}

for (const [what, put] of [
  ['a file', (path: string): void => writeFileSync(path, 'mine')],
  ['a link to a file', (path: string, victim: string): void => symlinkSync(victim, path)],
  ['a link to nothing', (path: string, victim: string): void => symlinkSync(`${victim}.new`, path)],
] as const) {
  test(`${what} in the place of a file that is made: not opened`, (t) => {
    const { folder, fd, victim } = setUp();
    put(`${folder}/file`, victim);
    const before = readdirSync(scratch.folder);
    const folders = new OpenFolders(fd);
    const writer = new FileWriter(folders, 'mine');
    t.throws(() => writer.write({ folder: '', name: 'file', inode }, Buffer.from('new'), 0), { code: 'EEXIST' });
    t.is(readFileSync(victim, 'latin1'), 'mine');
    if (what === 'a file') t.is(readFileSync(`${folder}/file`, 'latin1'), 'mine');
    t.deepEqual(readdirSync(scratch.folder), before);
    writer.close();
    folders.close();
    closeSync(fd);
  });

  test(`${what} in the place of a body that is staged: not opened`, (t) => {
    const { folder, fd, victim } = setUp();
    const stage = new BodyStage(fd, folder, 'mine');
    const [name = ''] = readdirSync(folder);
    put(`${folder}/${name}/${inode.layer}.${inode.bodyOffset}`, victim);
    const before = readdirSync(scratch.folder);
    t.throws(() => stage.receiver().begin(inode, entry('file:3')), { code: 'io-failed', message: /EEXIST/ } as object);
    t.is(readFileSync(victim, 'latin1'), 'mine');
    t.deepEqual(readdirSync(scratch.folder), before);
    stage.remove();
    closeSync(fd);
  });
}

test('a link in the place of a folder is not gone through', (t) => {
  const { folder, fd } = setUp();
  mkdirSync(`${folder}.outside`);
  mkdirSync(`${folder}/real`);
  symlinkSync(`${folder}.outside`, `${folder}/a`);
  symlinkSync(`${folder}.outside`, `${folder}/real/a`);
  const folders = new OpenFolders(fd);
  for (const path of ['a', 'a/b', 'real/a', 'real/a/b']) t.regex((t.throws(() => folders.handle(path)) as NodeJS.ErrnoException).code as string, /^(?:ELOOP|ENOTDIR)$/, path);
  folders.close();
  closeSync(fd);
});
