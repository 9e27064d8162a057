import { mkdir, writeFile } from 'node:fs/promises';
import test from 'ava';
import { hybridParts, named } from '../helpers/archive-parts.js';
import { diskListing } from '../helpers/disk-listing.js';
import { image, layer, pack } from '../helpers/image-builder.js';
import { createWorkspace, type Workspace } from '../helpers/imgkit.js';
import { layerEntries, type LayerEntry } from '../helpers/layer-entries.js';
import { runOrThrow } from '../helpers/run.js';

let work: Workspace;

const time = { seconds: 1_700_000_000, nanoseconds: 123_000_000 };
const folder = (path: string, more: Partial<LayerEntry> = {}): LayerEntry => ({ path, type: 'directory', mode: 0o755, mtime: time, ...more });
const file = (path: string, body: string, more: Partial<LayerEntry> = {}): LayerEntry => ({ path, body, mode: 0o644, mtime: time, ...more });
const link = (path: string, linkPath: string, type: 'symlink' | 'hardlink' = 'symlink'): LayerEntry => ({ path, type, linkPath, mode: type === 'symlink' ? 0o777 : 0o644, mtime: time });
const xattrs = (entries: Readonly<Record<string, string>>): LayerEntry['xattrs'] => new Map(Object.entries(entries).map(([name, value]) => [name, Buffer.from(value, 'latin1')]));
/** cap_net_bind_service, effective and permitted, revision 2. */
const CAPABILITY = '\x01\x00\x00\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00';

const LAYERS: readonly (readonly LayerEntry[])[] = [
  [
    folder('bin'), file('bin/app', '#!', { mode: 0o4755, uid: 1000, gid: 1000 }), { path: 'bin/sh', type: 'symlink', linkPath: 'app', mode: 0o777, mtime: time, uid: 7 },
    file('bin/net', 'x', { mode: 0o755, uid: 5, xattrs: xattrs({ 'security.capability': CAPABILITY, 'user.note': 'with spaces\nand = lines' }) }),
    folder('a', { mode: 0o2775, gid: 50, xattrs: xattrs({ 'user.folder': 'yes' }) }), file('a/kept', '1'), file('a/gone', '2'), folder('o'), file('o/old', '3'),
    file('linked', 'one'), { path: 'second', type: 'hardlink', linkPath: 'linked' }, { path: 'a/third', type: 'hardlink', linkPath: 'linked' }, file('big-ids', 'b', { uid: 3_000_000, gid: 4_000_000 }), file('read only \\ name', 'r', { mode: 0o444, xattrs: xattrs({ 'user.empty': '' }) }),
    { path: 'null', type: 'character-device', devMajor: 1, devMinor: 3, mode: 0o666, mtime: time }, { path: 'disk', type: 'block-device', devMajor: 259, devMinor: 7, mode: 0o660, mtime: time }, { path: 'pipe', type: 'fifo', mode: 0o600, mtime: time }, { path: 'sticky-pipe', type: 'fifo', mode: 0o3620, gid: 9, mtime: time }, { path: 'set-null', type: 'character-device', devMajor: 1, devMinor: 3, mode: 0o6666, uid: 8, mtime: time },
    folder('closed', { mode: 0 }), file('closed/in', 'c', { mode: 0 }), folder('tmp', { mode: 0o1777 }), file('empty', ''), file('gr\u00fc\u00dfe', 'u'),
    folder('either'), file('either/before', '4'), file('either/after', '5'), folder('either/both'), file('either/both/x', '6'), folder('usr'), folder('usr/lib'), file('usr/lib/old', '7'), link('lib', 'usr/lib'), folder('usr/share'), file('usr/share/old', '8'), link('share', '/usr'),
    folder('turns'), file('turns/x', '9'), file('turned', '10'), file('./dotted', '11'), file('/rooted/in', '12'), file('README', '13'), file('readme', '14'), link('loop-a', 'loop-b'), link('loop-b', 'loop-a'), link('self', 'self'), file('bad-\udcff', '15'), file(`${'long-'.repeat(40)}\udcff`, '15'),
    file(['x', 'y', 'z'].map((each) => each.repeat(100)).join('/'), '16'), file('exact', '17', { mtime: { seconds: 1_700_000_000, nanoseconds: 123_456_789 } }),
  ],
  [folder('a', { mode: 0o2775, gid: 50, xattrs: xattrs({ 'user.folder': 'yes' }) }), file('a/.wh.gone', ''), folder('o'), file('o/.wh..wh..opq', ''), file('o/new', 'n'), file('linked', 'two')],
  // Whiteouts hide layers below alone, wherever they stand; what leads to nothing hides nothing.
  [
    file('either/.wh.before', ''), file('either/before', 'new'), file('either/after', 'new'), file('either/.wh.after', ''), folder('either/both'), file('either/both/new', 'n'), file('either/both/.wh..wh..opq', ''), file('.wh.no-such-thing', ''),
    file('lib/.wh.old', ''), file('lib/new', 'n'), file('share/share/.wh..wh..opq', ''), file('share/share/new', 'n'), file('turns', 'a file'), folder('turned'), file('turned/in', 'i'), file('./.wh.dotted', ''), link('fourth', 'second', 'hardlink'),
  ],
  [folder('turns'), file('turns/again', 'a'), file('turned', 'a file again'), file('second', 'three, and the others stay')],
];

test.before(async () => {
  work = await createWorkspace();
  const built = image('files', { layers: LAYERS.map((entries) => layer(layerEntries(...entries), { gzip: true })) });
  await writeFile(work.path('files.tar'), pack(hybridParts([named(built, 'files:1')])));
  await work.ok(['copy', 'files.tar', 'oci:layout:files']);
  await work.ok(['extract', 'files.tar', '--to', 'ours', '--preserve-owner', '--json']);
  await work.ok(['export', 'files.tar', '-o', 'export.tar']);
});

test.after.always(async () => { await work?.remove(); });

test.serial('extract --preserve-owner makes what umoci unpack makes: content, modes, owners, links, devices, attributes', async (t) => {
  await runOrThrow('umoci', ['raw', 'unpack', '--image', 'layout:files', 'umoci'], { cwd: work.folder });
  // Go's tar reader leaves out attributes whose value is empty.
  const ours = (await diskListing(work.path('ours'))).filter((line) => !line.includes('user.empty'));
  t.deepEqual(ours, await diskListing(work.path('umoci')));
  t.true(ours.some((line) => line.endsWith('= /a/third')));
});

test.serial('and what GNU tar and bsdtar make of imgkit export', async (t) => {
  const ours = await diskListing(work.path('ours'));
  for (const [name, options] of [['tar', ['--xattrs', '--xattrs-include=*', '--numeric-owner', '-p']], ['bsdtar', ['--xattrs', '--numeric-owner', '-p']]] as const) {
    await mkdir(work.path(name));
    await runOrThrow(name, ['-x', ...options, '-f', work.path('export.tar'), '-C', work.path(name)]);
    t.deepEqual(await diskListing(work.path(name)), ours, name);
    t.regex(await runOrThrow('stat', ['-c', '%y', work.path(`${name}/exact`)]), /:20\.123456789 /);
  }
});

test.serial('tars that GNU tar and bsdtar make, in every format of theirs, are imported alike', async (t) => {
  // Of what every format holds: no attributes, small IDs, names in UTF-8.
  const root = ['-C', 'plain', '.'];
  t.is((await work.shell('mkdir plain && cp -a ours/a ours/bin ours/either ours/tmp ours/pipe ours/null ours/loop-a ours/lib plain && setfattr -x user.folder plain/a && setfattr -x user.note plain/bin/net && setfattr -x security.capability plain/bin/net && ln plain/bin/app plain/a/linked && find plain -exec touch -h -d @1700000000 {} +')).code, 0);
  const makers: readonly (readonly [name: string, command: readonly string[]])[] = [
    ...['posix', 'gnu', 'oldgnu', 'ustar'].map((format) => [`tar-${format}`, ['tar', `--format=${format}`, '--numeric-owner']] as const),
    ...['pax', 'gnutar', 'ustar'].map((format) => [`bsdtar-${format}`, ['bsdtar', '--format', format, '--numeric-owner']] as const),
  ];
  for (const [name, [command = '', ...options]] of makers) {
    await runOrThrow(command, [...options, '-cf', `${name}.tar`, ...root], { cwd: work.folder });
    await work.ok(['import', `${name}.tar`, `${name}-image.tar#made:1`, '--compress', 'none']);
    const { code, stdout, stderr } = await work.imgkit(['diff', 'tar-posix-image.tar', `${name}-image.tar`, '--files', '--mtime']);
    t.is(code, 0, `${name}: ${stdout}${stderr}`);
  }
  await work.ok(['extract', 'tar-posix-image.tar', '--to', 'plain-again', '--preserve-owner']);
  t.deepEqual(await diskListing(work.path('plain-again')), await diskListing(work.path('plain')));
});

test.serial('--xattrs keeps the attributes of users alone, and says what it leaves', async (t) => {
  const { notes } = await work.json<{ readonly notes: readonly string[] }>(['extract', 'files.tar', '--to', 'mine', '--xattrs']);
  const kept = (await diskListing(work.path('mine'))).filter((line) => line.startsWith('# file'));
  t.deepEqual(kept, ['# file: a user.folder=0x796573', '# file: bin/net user.note=0x77697468207370616365730a616e64203d206c696e6573', '# file: read only \\134 name user.empty=0x']);
  t.false(kept.some((line) => line.includes('security.')));
  t.regex(notes.join('\n'), /1 file lost extended attributes/);
});

test.serial('a sparse file of 9 GiB: export plans it in full, extract makes holes, and neither takes the space', async (t) => {
  t.is((await work.shell('mkdir huge && truncate -s 9G huge/big && printf end >> huge/big && tar --sparse --format=posix -cf huge.tar -C huge big && rm huge/big')).code, 0);
  await work.ok(['append', 'files.tar', 'huge-image.tar#huge:1', '--layer', 'huge.tar']);
  await work.ok(['export', 'huge-image.tar', '-o', 'huge-rootfs.tar']);
  await work.ok(['extract', 'huge-image.tar', '/big', '--to', 'huge-out']);
  const { stdout } = await work.shell('stat -c "%s %b" huge-out/big huge-rootfs.tar; tail -c 3 huge-out/big; echo; tar -tvf huge-rootfs.tar big');
  const [file = '', tar = '', end, listed = ''] = stdout.split('\n');
  const size = 9 * 1024 ** 3 + 3;
  t.is(Number(file.split(' ')[0]), size);
  t.true(Number(tar.split(' ')[0]) > size);
  // Blocks of 512 bytes.
  for (const line of [file, tar]) t.true(Number(line.split(' ')[1]) < 4096, line);
  t.true(listed.includes(String(size)));
  t.is(end, 'end');
});
