import { spawn } from 'node:child_process';
import { closeSync, constants, existsSync, lstatSync, mkdirSync, openSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { BodyStage } from '../../src/filesystem/extract/body-stage.js';
import type { PlannedName } from '../../src/filesystem/extract/extract-plan.js';
import { extractTree } from '../../src/filesystem/extract/extract-tree.js';
import type { ImageLayer } from '../../src/filesystem/image-layer.js';
import type { Inode } from '../../src/filesystem/inode.js';
import { extract } from '../../src/index.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { encodeText } from '../../src/tar/text.js';
import { hybridParts, named } from '../helpers/archive-parts.js';
import { image, layer, pack } from '../helpers/image-builder.js';
import { makeScratch } from '../helpers/scratch.js';
import { tarOf, type TarPart } from '../helpers/tar-entries.js';
import { changes, entry as tarEntry } from './layers.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());
const isRoot = process.getuid?.() === 0;

type Entry = TarPart;

let made = 0;

/** An archive of one image with these layers, and a folder to extract into. */
async function prepare(...layers: readonly (readonly Entry[])[]): Promise<{ readonly location: string; readonly to: string; readonly folder: string }> {
  const name = `case-${made++}`;
  const built = image(name, { layers: layers.map((entries) => layer(tarOf(...entries), { gzip: true })) });
  const location = await scratch.write(`${name}/image.tar`, pack(hybridParts([named(built, 'x:1')])));
  const folder = scratch.path(name, 'out');
  mkdirSync(folder);
  return { location, folder, to: join(folder, 'root') };
}

const at = (to: string, path: string): Buffer => encodeText(`${to}/${path}`);

test('content, modes, times, links; unreadable folders do not stop it; setuid needs the owner', async (t) => {
  const mtime = { seconds: 1_000_000_000, nanoseconds: 250_000_000 };
  const { location, to } = await prepare(
    [{ path: 'closed', type: 'directory', mode: 0, mtime }, { path: 'closed/ro', type: 'directory', mode: 0o555, mtime }, { path: 'closed/ro/file', body: 'old', mode: 0o400, mtime }, { path: 'gone', body: 'x' }],
    [{ path: 'closed/ro/file', body: 'new', mode: 0o4440, mtime, uid: 12, gid: 34 }, { path: 'closed/hard', type: 'hardlink', linkPath: 'closed/ro/file' }, { path: 'sym', type: 'symlink', linkPath: '/etc/passwd', mtime }, { path: '.wh.gone' }, { path: 'empty', mtime: { seconds: -100, nanoseconds: 0 } }, { path: 'bad\udcff', body: 'bytes' }, { path: 'pipe', type: 'fifo', mode: 0o640 }, { path: 'null', type: 'character-device', devMajor: 1, devMinor: 3 }],
  );
  const result = await extract({ location, to });
  t.like(result, { files: 3, folders: 2, links: 2, specials: 1, bytes: 8 });
  t.regex(result.notes.join('\n'), /1 device left out.*\n1 file lost their set-user-ID/);
  t.is(lstatSync(to).mode & 0o7777, 0o700);
  t.is(lstatSync(at(to, 'closed')).mode & 0o7777, 0);
  t.is(lstatSync(at(to, 'closed')).mtimeMs, 1_000_000_000_250);
  if (isRoot) {
    t.is(readFileSync(at(to, 'closed/hard'), 'utf8'), 'new');
    const stats = lstatSync(at(to, 'closed/ro/file'));
    t.like(stats, { uid: process.getuid?.() ?? 0, nlink: 2, mtimeMs: 1_000_000_000_250 });
    t.is(stats.mode & 0o7777, 0o440);
  }
  t.is(readlinkSync(at(to, 'sym')), '/etc/passwd');
  t.is(lstatSync(at(to, 'sym')).mtimeMs, 1_000_000_000_250);
  t.is(lstatSync(at(to, 'empty')).mtimeMs, -100_000);
  t.is(readFileSync(at(to, 'bad\udcff'), 'utf8'), 'bytes');
  t.true(lstatSync(at(to, 'pipe')).isFIFO());
  t.is(lstatSync(at(to, 'pipe')).mode & 0o777, 0o640);
  t.false(existsSync(join(to, 'gone')));
});

test('a fifo with a sticky bit or set-ID bits, which mkfifo does not take, is made with them', async (t) => {
  const { location, to } = await prepare([{ path: 'sticky', type: 'fifo', mode: 0o1750 }, { path: 'all', type: 'fifo', mode: 0o7711, uid: 5, gid: 6 }]);
  const modes = (folder: string): readonly string[] => ['sticky', 'all'].map((path) => (lstatSync(at(folder, path)).mode & 0o7777).toString(8));
  await extract({ location, to });
  t.deepEqual(modes(to), ['1750', '1711']);
  if (!isRoot) return;
  await extract({ location, to: `${to}-2`, preserveOwner: true });
  t.deepEqual(modes(`${to}-2`), ['1750', '7711']);
});

test('a target that no new folder can take the place of is refused before anything is written', async (t) => {
  const { location, folder } = await prepare([{ path: 'a', body: 'x' }]);
  symlinkSync('.', join(folder, 'link'));
  for (const [to, message] of [[join(folder, 'link'), /link is a link; extract into a new folder/], ['.', /is the folder you are in/], ['/proc', /is a mount point/], [location, /is no folder/]] as const) {
    await t.throwsAsync(extract({ location, to }), { code: 'file-exists', message });
  }
  t.deepEqual(readdirSync(folder), ['link']);
});

test('preserveOwner: as root owners, set-ID bits and devices are exact; nobody else may ask for it', async (t) => {
  const { location, to, folder } = await prepare([{ path: 'd', type: 'directory', mode: 0o2775, uid: 1, gid: 2 }, { path: 'd/f', body: 'x', mode: 0o4755, uid: 4_000_000, gid: 3 }, { path: 'd/s', type: 'symlink', linkPath: 'f', uid: 5, gid: 6 }, { path: 'b', type: 'block-device', devMajor: 259, devMinor: 70_000, mode: 0o660, uid: 7 }]);
  if (!isRoot) {
    await t.throwsAsync(extract({ location, to, preserveOwner: true }), { code: 'usage', message: /Only root/ });
    t.deepEqual(readdirSync(folder), []);
    return;
  }
  t.deepEqual((await extract({ location, to, preserveOwner: true })).notes, []);
  const ids = (path: string): readonly number[] => [lstatSync(at(to, path)).uid, lstatSync(at(to, path)).gid, lstatSync(at(to, path)).mode & 0o7777];
  t.deepEqual([ids('d'), ids('d/f'), ids('d/s').slice(0, 2), ids('b')], [[1, 2, 0o2775], [4_000_000, 3, 0o4755], [5, 6], [7, 0, 0o660]]);
  const { rdev } = lstatSync(at(to, 'b'), { bigint: true });
  t.is(((rdev >> 8n) & 0xfffn) * 1_000_000n + ((rdev & 0xffn) | ((rdev >> 12n) & 0xffffff00n)), 259_070_000n);
});

test('paths: only these, with the folders above them; links are followed inside the image', async (t) => {
  const { location, to, folder } = await prepare([{ path: 'usr/bin/app', body: 'app' }, { path: 'usr/bin/other', body: 'x' }, { path: 'usr', type: 'directory', mode: 0o750 }, { path: 'bin', type: 'symlink', linkPath: '/usr/bin' }, { path: 'etc/a', body: '1' }, { path: 'etc/b', type: 'hardlink', linkPath: 'usr/bin/other' }]);
  await extract({ location, to, paths: ['/bin/app', 'etc'] });
  t.deepEqual(readdirSync(to, { recursive: true }).sort(), ['etc', 'etc/a', 'etc/b', 'usr', 'usr/bin', 'usr/bin/app']);
  t.is(lstatSync(join(to, 'usr')).mode & 0o777, 0o750);
  t.is(readFileSync(join(to, 'etc/b'), 'utf8'), 'x');
  await t.throwsAsync(extract({ location, to: join(folder, 'other'), paths: ['/nope'] }), { code: 'path-not-found' });
  t.deepEqual(readdirSync(folder), ['root']);
});

test('paths: a folder that is asked for twice, once by a link to it, is there once', async (t) => {
  const { location, to } = await prepare([{ path: 'usr/bin/app', body: 'app' }, { path: 'bin', type: 'symlink', linkPath: 'usr/bin' }]);
  t.like(await extract({ location, to, paths: ['/bin', '/usr/bin', 'usr/bin/', '/bin/app'] }), { files: 1, folders: 2 });
  t.deepEqual(readdirSync(to, { recursive: true }).sort(), ['usr', 'usr/bin', 'usr/bin/app']);
});

test('into what is there: an empty folder is taken, anything else refused and left alone', async (t) => {
  const { location, to, folder } = await prepare([{ path: 'a', body: '1' }]);
  mkdirSync(to);
  await extract({ location, to });
  t.deepEqual(readdirSync(to), ['a']);
  writeFileSync(join(folder, 'file'), 'mine');
  for (const taken of [to, join(folder, 'file')]) await t.throwsAsync(extract({ location, to: taken }), { code: 'file-exists' });
  await t.throwsAsync(extract({ location, to: join(folder, 'no/such') }), { code: 'file-not-found' });
  t.is(readFileSync(join(folder, 'file'), 'utf8'), 'mine');
  t.deepEqual(readdirSync(folder).sort(), ['file', 'root']);
});

/** Whatever is said here, nothing may appear beside `root`, and `outside` stays as it is. */
const HOSTILE: Readonly<Record<string, readonly (readonly Entry[])[]>> = {
  'a link, then a file below it': [[{ path: 'l', type: 'symlink', linkPath: '../outside' }, { path: 'l/file', body: 'pwned' }]],
  'a link in one layer, a file below it in the next': [[{ path: 'l', type: 'symlink', linkPath: '../outside' }], [{ path: 'l/file', body: 'pwned' }]],
  'an absolute link, then a file below it': [[{ path: 'l', type: 'symlink', linkPath: '/tmp' }, { path: 'l/imgkit-pwned', body: 'pwned' }]],
  'a file through a link of the same name': [[{ path: 'l', type: 'symlink', linkPath: '../outside/file' }, { path: 'l', body: 'pwned' }]],
  'a hard link to a symlink that leads out, then a file': [[{ path: 'l', type: 'symlink', linkPath: '../outside/file' }, { path: 'h', type: 'hardlink', linkPath: 'l' }, { path: 'h', body: 'pwned' }]],
  'a hard link through a symlinked folder': [[{ path: 'd', type: 'symlink', linkPath: '../outside' }, { path: 'h', type: 'hardlink', linkPath: 'd/file' }]],
  'a link over a folder that has files': [[{ path: 'd/file', body: '1' }], [{ path: 'd', type: 'symlink', linkPath: '../outside' }, { path: 'd/file', body: 'pwned' }]],
  'links that lead in a circle': [[{ path: 'a', type: 'symlink', linkPath: 'b' }, { path: 'b', type: 'symlink', linkPath: 'a' }, { path: 'a/file', body: 'pwned' }]],
  'dots in a link': [[{ path: 'd', type: 'directory' }, { path: 'd/l', type: 'symlink', linkPath: '../../../../../../outside' }, { path: 'd/l/file', body: 'pwned' }]],
  'a whiteout through a link': [[{ path: 'l', type: 'symlink', linkPath: '../outside' }], [{ path: 'l/.wh.file' }]],
  'an opaque marker through a link': [[{ path: 'l', type: 'symlink', linkPath: '../outside' }], [{ path: 'l/.wh..wh..opq' }]],
  'a special file beside a link': [[{ path: '.imgkit-000', type: 'symlink', linkPath: '../outside/file' }, { path: 'p', type: 'fifo' }]],
};

for (const [what, layers] of Object.entries(HOSTILE)) {
  test(`hostile: ${what}`, async (t) => {
    const { location, to, folder } = await prepare(...layers);
    mkdirSync(join(folder, 'outside'));
    writeFileSync(join(folder, 'outside/file'), 'safe');
    await extract({ location, to }).catch((error: unknown) => t.true(['tar-malformed', 'io-failed'].includes((error as { code: string }).code), String(error)));
    t.is(readFileSync(join(folder, 'outside/file'), 'utf8'), 'safe');
    t.deepEqual(readdirSync(join(folder, 'outside')), ['file']);
    t.is(statSync(join(folder, 'outside/file')).nlink, 1);
    t.false(existsSync('/tmp/imgkit-pwned'));
    t.deepEqual(readdirSync(folder).filter((name) => name !== 'root'), ['outside']);
  });
}

test('names with "..", absolute or not, do not get as far as the disk', async (t) => {
  for (const path of ['../x', 'a/../../x', '/../x']) {
    const { location, to, folder } = await prepare([{ path, body: 'pwned' }]);
    await t.throwsAsync(extract({ location, to }), { code: 'tar-malformed' }, path);
    t.deepEqual(readdirSync(folder), []);
  }
});

test('a damaged layer leaves nothing, however unreadable what was made', async (t) => {
  const tar = tarOf({ path: 'd', type: 'directory', mode: 0 }, { path: 'd/f', body: 'x'.repeat(5000), mode: 0 });
  const good = layer(tar);
  const broken = { ...good, stored: Buffer.from(tar.map((byte, i) => (i === 1600 ? byte ^ 1 : byte))) };
  const location = await scratch.write('damaged/image.tar', pack(hybridParts([named(image('damaged', { layers: [broken] }), 'x:1')])));
  mkdirSync(scratch.path('damaged/out'));
  await t.throwsAsync(extract({ location, to: scratch.path('damaged/out/root') }), { code: 'digest-mismatch' });
  t.deepEqual(readdirSync(scratch.path('damaged/out')), []);
  t.deepEqual(openBelow(scratch.path('damaged/out')), []);
});

test('what stops in the middle of a body keeps nothing open, nor the space that it takes', (t) => {
  const folder = scratch.path('stopped');
  mkdirSync(folder);
  const into = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  const stage = new BodyStage(into, 'stopped', 'mine');
  const receiver = stage.receiver();
  receiver.begin(changes(0, [{ path: 'a', size: 3, bodyOffset: 512 }]).additions.at(0).inode as Inode, tarEntry('a'));
  t.is(openBelow(folder).length, 2);
  stage.close();
  stage.close();
  t.deepEqual(openBelow(folder), []);
  closeSync(into);
});

/** What this process has open below `folder`, also what has no name any more. */
function openBelow(folder: string): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(`${folder}/`) ? [path] : [];
    } catch {
      return [];
    }
  });
}

test('another process that swaps folders for links does not get a file outside', async (t) => {
  const entries = Array.from({ length: 600 }, (_, i): readonly Entry[] => [{ path: `d${i % 20}/e${i % 7}/f${i}`, body: `pwned ${i}` }]).flat();
  const { location, to, folder } = await prepare(entries);
  const outside = join(folder, 'outside');
  mkdirSync(outside);
  // Renames folders of the unfinished extraction and puts links to the outside in their place, as fast as it can.
  const swapper = spawn(process.execPath, ['-e', `
    const fs = require('node:fs'), path = require('node:path');
    const [folder, outside] = process.argv.slice(1);
    console.log('ready');
    for (let n = 0, end = Date.now() + 20000; Date.now() < end; n++) {
      const part = fs.readdirSync(folder).find((name) => name.endsWith('.part'));
      if (part === undefined) continue;
      const dir = path.join(folder, part, 'd' + (n % 20));
      try { fs.renameSync(dir, dir + '.moved' + n); fs.symlinkSync(outside, dir); } catch {}
    }`, folder, outside], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => swapper.stdout.once('data', resolve));
  try {
    for (let round = 0; round < 8; round++) await extract({ location, to: `${to}${round}` }).catch((error: unknown) => t.true(['io-failed', 'file-not-found'].includes((error as { code: string }).code), String(error)));
  } finally {
    swapper.kill();
  }
  t.deepEqual(readdirSync(outside), []);
});

test('what somebody else puts into the unfinished folder refuses it, and is no file of the image', async (t) => {
  const { location, to, folder } = await prepare([{ path: 'a/b', body: 'x' }]);
  const meddle = (): void => {
    const part = readdirSync(folder).find((each) => each.endsWith('.part'));
    if (part !== undefined) writeFileSync(join(folder, part, 'extra'), '');
  };
  await t.throwsAsync(extract({ location, to, onProgress: meddle }), { code: 'io-failed', message: /somebody else put something into it/ });
  t.deepEqual(readdirSync(folder), []);
});

test('a folder that somebody else makes and fills under the name meanwhile is left alone', async (t) => {
  const { location, to, folder } = await prepare([{ path: 'a/b', body: 'x' }]);
  const meddle = (): void => {
    mkdirSync(to, { recursive: true });
    writeFileSync(join(to, 'theirs'), '1');
  };
  await t.throwsAsync(extract({ location, to, onProgress: meddle }), { code: 'file-exists' });
  t.deepEqual(readdirSync(folder), [basename(to)]);
  t.deepEqual(readdirSync(to), ['theirs']);
});

test('of several that make one folder one gets it, and the others are told that it is there', async (t) => {
  const { location, to, folder } = await prepare([{ path: 'a', body: 'a' }]);
  const results = await Promise.allSettled(Array.from({ length: 6 }, () => extract({ location, to })));
  t.is(results.filter(({ status }) => status === 'fulfilled').length, 1);
  for (const result of results) if (result.status === 'rejected') t.is((result.reason as { code: string }).code, 'file-exists', String(result.reason));
  t.deepEqual(readdirSync(folder), ['root']);
});

const name = fc.constantFrom('a', 'b', 'A', 'ü', '\udc80', '.wh.a');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')).filter((text) => !/\.wh\.[^/]*\//.test(text));
const entry = fc.oneof(
  fc.record({ path, body: fc.constantFrom('', '1', 'longer'), mode: fc.constantFrom(0, 0o600, 0o755) }),
  fc.record({ path, type: fc.constant('directory' as const), mode: fc.constantFrom(0, 0o555, 0o700) }),
  fc.record({ path, type: fc.constant('symlink' as const), linkPath: fc.constantFrom('a', '..', '/', '../../../outside', 'b/a') }),
  fc.record({ path, type: fc.constant('hardlink' as const), linkPath: path }),
);

test('property: whatever entries a layer holds, nothing is written outside and nothing is left behind on failure', async (t) => {
  await fc.assert(fc.asyncProperty(fc.array(fc.array(entry, { maxLength: 6 }), { minLength: 1, maxLength: 3 }), async (layers) => {
    const { location, to, folder } = await prepare(...(layers as Entry[][]));
    mkdirSync(join(folder, 'outside'));
    const failed = await extract({ location, to }).then(() => false, (error: unknown) => {
      t.regex((error as { code: string }).code, /^tar-malformed$/, String(error));
      return true;
    });
    t.deepEqual(readdirSync(join(folder, 'outside')), []);
    t.deepEqual(readdirSync(folder).sort(), failed ? ['outside'] : ['outside', 'root']);
  }), { numRuns: 120 });
});

test('a staged file that takes the place of another, as on a file system without case, is found out', async (t) => {
  const folder = scratch.path('no-case');
  mkdirSync(folder);
  const into = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  const stage = new BodyStage(into, 'no-case', 'mine');
  const receiver = stage.receiver();
  const plan = ['one', 'two'].map((body, i): PlannedName => {
    const inode = changes(0, [{ path: 'a', size: body.length, bodyOffset: 512 + i * 1024 }]).additions.at(0).inode as Inode;
    receiver.begin(inode, tarEntry('a'));
    receiver.chunk(Buffer.from(body));
    receiver.end();
    return { folder: '', name: 'a', inode };
  });
  const error = await t.throwsAsync(extractTree(plan, [{} as ImageLayer], { into, name: 'no-case', ownership: 'mine', xattrs: 'none', stage, limits: DEFAULT_LIMITS }));
  t.like(error, { code: 'file-exists' });
  t.regex(error?.message ?? '', /^no-case\/.*: another name of the image is the same to this file system/);
  closeSync(into);
});
