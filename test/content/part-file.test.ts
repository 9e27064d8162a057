import { spawnSync } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import test from 'ava';
import { newPartPath, removeDeadParts } from '../../src/content/part-file.js';
import { tempFolder } from './temp.js';

/** The name of a part, with other numbers in it: machine at 0, boot at 6, pid namespace at 10, pid at 14. */
async function changed(path: string, numbers: Readonly<Record<number, string>>): Promise<string> {
  const name = [...basename(await newPartPath(path))];
  for (const [at, digits] of Object.entries(numbers)) {
    const start = `.${basename(path)}.`.length + Number(at);
    name.splice(start, digits === 'other' ? 1 : digits.length, ...(digits === 'other' ? [name[start] === '0' ? '1' : '0'] : digits));
  }
  return name.join('');
}

const pid = (number: number): string => number.toString(16).padStart(6, '0');

test('parts of processes that are gone are removed, all others stay', async (t) => {
  const folder = await tempFolder(t);
  const path = join(folder, 'a.tar');
  const gone = spawnSync(process.execPath, ['--version']).pid;
  const killed = await changed(path, { 14: pid(gone) });
  const dead = [killed, await changed(path, { 6: 'other' })];
  const others = [
    basename(await newPartPath(path)), await changed(path, { 14: pid(process.ppid) }), await changed(path, { 0: 'other', 14: pid(gone) }), await changed(path, { 10: 'other', 14: pid(gone) }),
    killed.replace('.a.tar.', '.b.tar.'), '.a.tar.0123456789ab.part', '.a.tar.0123456789abcdef.part', 'a.tar',
  ];
  for (const name of [...dead, ...others]) await writeFile(join(folder, name), name);
  await removeDeadParts(path);
  t.deepEqual(await readdir(folder).then((names) => names.toSorted()), others.toSorted());
});

test('a process with hardly a descriptor left takes no running process for a dead one', async (t) => {
  const folder = await tempFolder(t);
  const path = join(folder, 'a.tar');
  const part = await newPartPath(path);
  await writeFile(part, '');
  for (const free of [1, 2, 3]) {
    const program = `
      import { closeSync, openSync } from 'node:fs';
      import { newPartId, removeDeadParts } from ${JSON.stringify(new URL('../../src/content/part-file.js', import.meta.url).href)};
      const open = [];
      try { for (;;) open.push(openSync('/dev/null')); } catch {}
      for (let i = 0; i < ${free}; i += 1) closeSync(open.pop());
      await removeDeadParts(${JSON.stringify(path)});
      for (const fd of open) closeSync(fd);
      console.log((await newPartId()).slice(0, 14));`;
    const { stdout, stderr } = spawnSync('bash', ['-c', 'ulimit -n 64; exec "$0" --input-type=module -e "$1"', process.execPath, program], { encoding: 'utf8' });
    t.is(stdout.trim(), basename(part).slice('.a.tar.'.length).slice(0, 14), `${free}: later it knows who it is: ${stderr}`);
    t.deepEqual(await readdir(folder), [basename(part)], `${free} descriptors`);
  }
});

test('a name as long as file systems take it has parts', async (t) => {
  const folder = await tempFolder(t);
  const path = join(folder, 'ä'.repeat(127));
  const part = await newPartPath(path);
  await writeFile(path, '');
  await writeFile(part, '');
  t.is((await readdir(folder)).length, 2);
});

test('a process gives no id twice in a row of thousands', async (t) => {
  const ids = await Promise.all(Array.from({ length: 5_000 }, () => newPartPath('/a.tar')));
  t.is(new Set(ids).size, ids.length);
});

test('no folder, no parts', async (t) => {
  await t.notThrowsAsync(removeDeadParts(join(await tempFolder(t), 'absent/a')));
});
