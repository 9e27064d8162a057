import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { hybridParts, named } from '../helpers/archive-parts.js';
import { containerListing, OF_THE_ENGINE, tarListing } from '../helpers/container-listing.js';
import { docker, startDockerd, type Dockerd } from '../helpers/dockerd.js';
import { buildBusyboxImages, type BusyboxImages } from '../helpers/engine-image.js';
import { image, layer, pack, sha256 } from '../helpers/image-builder.js';
import { createWorkspace, type Workspace } from '../helpers/imgkit.js';
import { layerEntries, type LayerEntry } from '../helpers/layer-entries.js';

let work: Workspace;
let engine: Dockerd;
let images: BusyboxImages;

const host = (): { env: Record<string, string> } => ({ env: { DOCKER_HOST: engine.host } });
const time = { seconds: 1_700_000_000, nanoseconds: 0 };
const folder = (path: string, mode = 0o755): LayerEntry => ({ path, type: 'directory', mode, mtime: time });
const file = (path: string, body: string, more: Partial<LayerEntry> = {}): LayerEntry => ({ path, body, mtime: time, ...more });
const link = (path: string, linkPath: string, type: 'symlink' | 'hardlink' = 'symlink'): LayerEntry => ({ path, type, linkPath, mode: type === 'symlink' ? 0o777 : 0o644, mtime: time });

/** cap_net_bind_service, effective and permitted, revision 2. */
const CAPABLE = new Map([['security.capability', Uint8Array.from([1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])]]);

/** Layers with every rule of the specification in them that the engine follows; no layer relies on the order of its whiteouts, but where one stands before the folder that takes the place of a link. */
const unions: readonly (readonly LayerEntry[])[] = [
  [
    folder('bin'), file('bin/true', '#!', { mode: 0o755 }), folder('a'), file('a/kept', '1'), file('a/gone', '2'), file('a/gone.too', '3'), folder('a/sub'), file('a/sub/x', '4'),
    folder('o'), file('o/old', '5'), folder('o/deep'), file('o/deep/old', '6'), folder('usr'), folder('usr/lib'), file('usr/lib/a', '7'), file('usr/lib/b', '8'), link('lib', 'usr/lib'),
    file('linked', 'one'), link('other', 'linked', 'hardlink'), folder('becomes-file'), file('becomes-file/x', '9'), file('becomes-folder', '10'), folder('meta', 0o755), file('meta/x', '11'),
    file('set', '12', { mode: 0o4755 }), file('owned', '13', { uid: 3_000_000, gid: 12 }), { path: 'fifo', type: 'fifo', mtime: time }, file('usr/somewhere', '14'), file('a/x.wh.y', '15'),
    folder('replaced'), file('replaced/x', '16'), link('to-replaced', 'replaced'), folder('sticky', 0o1777), file('ünï', '17'), file(`${'n'.repeat(100)}/${'m'.repeat(120)}`, '18'), link('dangling', '/no/where'),
    folder('p'), folder('p/q'), file('p/q/old', '19'), link('to-p', 'p'), folder('direct-file'), file('direct-file/x', '20'), file('direct-folder', '21'), file('./dotted', '22'), file('/rooted/in', '23'), folder('slashed/', 0o711),
    file('README', '24'), file('readme', '25'), link('loop-a', 'loop-b'), link('loop-b', 'loop-a'), link('self', 'self'), folder('group', 0o2775), file('bad-\udcff', '26'), file(['x', 'y', 'z'].map((each) => each.repeat(100)).join('/'), '27'),
    { path: 'node', type: 'character-device', devMajor: 1, devMinor: 3, mode: 0o666, mtime: time }, file('capable', '28', { mode: 0o755, xattrs: CAPABLE }), { ...link('capable-too', 'capable', 'hardlink'), mode: 0o755, xattrs: CAPABLE },
    folder('led-to'), file('led-to/a', '29'), file('led-to/b', '30'), file('led-to/sub/a', '31'), link('link-1', 'led-to'), link('link-2', 'led-to'), link('link-3', 'led-to'),
  ],
  [
    folder('a'), file('a/.wh.gone', ''), file('a/.wh.sub', ''), folder('o'), file('o/.wh..wh..opq', ''), file('o/new', 'n'), file('lib/.wh.a', ''), file('lib/c', 'c'),
    file('linked', 'two, longer'), file('.wh.becomes-file', ''), file('.wh.no-such-thing', ''), folder('meta', 0o700), folder('replaced'), file('to-replaced/y', 'y'),
    file('to-p/q/.wh..wh..opq', ''), file('to-p/q/new', 'n'), file('direct-file', 'a file'), folder('direct-folder'), file('direct-folder/in', 'i'), file('./.wh.dotted', ''),
    // An overlay says so of a link that a folder has replaced: the whiteouts are about the folder.
    folder('link-1'), file('link-1/.wh..wh..opq', ''), file('link-1/new', 'n'), folder('link-2'), file('link-2/.wh.a', ''), folder('link-2/sub'), file('link-2/sub/.wh.a', ''), file('link-3/.wh.b', ''), folder('link-3'),
  ],
  [file('becomes-file', 'now a file'), file('.wh.becomes-folder', ''), link('third', 'other', 'hardlink'), folder('direct-file'), file('direct-file/again', 'a'), file('direct-folder', 'a file again')],
  [folder('becomes-folder'), file('becomes-folder/in', 'it'), file('.wh.other', ''), file('implied/folders/here', 'x')],
];

/** Without what the engine makes or touches, the times of folders, which change with what is in them, and the mode 0600 that Docker 20.10 gives to folders that entries imply (later engines: 0755). */
const comparable = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => !/\s(?:\.dockerenv|dev\/\S*|proc\/|sys\/|etc\/(?:hosts|hostname|mtab|resolv\.conf)?)(?: ->.*)?$/.test(line)).map((line) => (line.startsWith('d') ? line.replace(/\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)? /, '').replace(/^drw------- /, 'drwxr-xr-x ') : line)).toSorted();

test.before(async () => {
  work = await createWorkspace();
  engine = await startDockerd();
  images = await buildBusyboxImages(engine);
});

test.after.always(async () => {
  await engine?.stop();
  await work?.remove();
});

async function exported(location: string): Promise<readonly string[]> {
  await work.ok(['export', location, '-o', 'rootfs.tar'], host());
  return tarListing(work.path('rootfs.tar'));
}

for (const which of ['layers', 'config', 'whiteout'] as const) {
  test.serial(`imgkit export lists and hashes as docker export does: ${which}`, async (t) => {
    t.deepEqual(comparable(await exported(`docker-daemon:${images[which]}`)), comparable(await containerListing(engine.host, images[which], work.folder)));
  });
}

/** An opaque marker in the root: nothing of the layer below is left. */
const emptied: readonly (readonly LayerEntry[])[] = [[folder('gone'), file('gone/x', '1'), file('top', '2')], [file('.wh..wh..opq', ''), folder('bin'), file('bin/true', '#!', { mode: 0o755 })]];

for (const [name, layers, wanted] of [['union', unions, / security\.capability/], ['emptied', emptied, / bin\/true$/m]] as const) {
  test.serial(`the union rules are those of the engine: ${name}`, async (t) => {
    const built = image(name, { layers: layers.map((entries) => layer(layerEntries(...entries))) });
    await writeFile(work.path(`${name}.tar`), pack(hybridParts([named(built, `${name}:1`)])));
    await docker(engine.host, ['load', '--input', work.path(`${name}.tar`)]);
    const ours = comparable(await exported(`${name}.tar`));
    t.deepEqual(ours, comparable(await containerListing(engine.host, `${name}:1`, work.folder)));
    t.regex(ours.join('\n'), wanted);
    // An entry after what is in it, as the tar has its folders, must end as the same filesystem.
    await docker(engine.host, ['import', '-c', 'CMD ["/bin/true"]', work.path('rootfs.tar'), `${name}:imported`]);
    t.deepEqual(comparable(await containerListing(engine.host, `${name}:imported`, work.folder)), ours);
  });
}

/** Runs `script` in a container of `image` and commits it as `name`; what `docker diff` says of the container. */
async function changedBy(script: readonly string[], image: string, name: string): Promise<readonly string[]> {
  const id = (await docker(engine.host, ['create', '--network', 'none', image, '/bin/sh', '-c', script.join(' && ')])).trim();
  await docker(engine.host, ['start', '--attach', id]);
  const said = (await docker(engine.host, ['diff', id])).trim().split('\n');
  await docker(engine.host, ['commit', id, name]);
  return said;
}

const BEFORE = ['mkdir -p /q/deep /r/s', 'echo 1 > /q/file', 'ln /q/file /q/second', 'echo 2 > /q/deep/x', 'echo 3 > /r/s/y', 'ln -s /q /to-q', 'echo 4 > /once', 'chmod 755 /r', 'echo 5 > /Case', 'echo 6 > /case', 'echo 7 > /same'];
const AFTER = [
  'rm /data/hard', 'echo changed > /data/words.txt', 'mkdir -p /new/deep', 'echo x > /new/deep/x', 'rm -r /data/old/deep', 'chmod 700 /more', 'chown 5:6 /data/old/one', 'ln -s x /new/link',
  'rm /bin/zcat', 'mkdir /bin/zcat', 'echo y > /bin/zcat/y', 'mv /more/words.txt /more/moved',
  // One name of a file with two changes and the other stays; a new name for a file of the layers below; a folder becomes a file.
  'rm /q/second', 'echo other > /q/second', 'ln /data/old/one /new/again', 'rm -r /r/s', 'echo file > /r/s', 'rm -r /to-q/deep', 'mkdir /q/deep', 'echo z > /to-q/deep/z', 'rm /case', 'chmod 4755 /Case',
  'ln -s b /new/a', 'ln -s a /new/b', 'mkfifo /new/pipe', 'rm /once', 'ln -s /nowhere /once', `touch "$(printf '/new/\\377')"`, 'chmod 1777 /r',
];

test.serial('imgkit diff says what docker diff says of the same change', async (t) => {
  await changedBy(BEFORE, images.layers, 'before:1');
  const engineSays = await changedBy(AFTER, 'before:1', 'changed:1');
  const relevant = (lines: readonly string[]): readonly string[] => lines.filter((line) => !OF_THE_ENGINE.test(line.slice(3)) && !/^. \/(?:dev|etc|proc|sys)$/.test(line)).map((line) => line.replace(/\\xff|\ufffd/, '?')).sort();
  const wanted = relevant(engineSays);
  // From the engine; and compressed, where a shared layer cannot be passed over.
  for (const name of ['before:1', 'changed:1']) await work.ok(['copy', `docker-daemon:${name}`, `oci:layout:${name.replace(':', '-')}`, '--compress', 'gzip', '--compress-level', 'fast'], host());
  for (const [before, after] of [['docker-daemon:before:1', 'docker-daemon:changed:1'], ['oci:layout:before-1', 'oci:layout:changed-1']] as const) {
    const { code, stdout } = await work.imgkit(['diff', before, after, '--files'], host());
    t.is(code, 1);
    t.deepEqual(relevant(stdout.trim().split('\n')), wanted, before);
    const one = await work.imgkit(['diff', after, '--layer', String(await layersOf(after))], host());
    t.deepEqual(relevant(one.stdout.trim().split('\n')), wanted, after);
  }
});

test.serial('a layer of a million empty entries is listed, and takes no more memory than promised', async (t) => {
  // One gzip member of a thousand entries, a thousand times.
  const part = layerEntries(...Array.from({ length: 1000 }, (_, i): LayerEntry => ({ path: `some/folder/${i}-${sha256(String(i)).slice(7, 39)}`, mtime: { seconds: i * 7919, nanoseconds: 0 } }))).subarray(0, -1024);
  const diffId = createHash('sha256');
  for (let i = 0; i < 1000; i++) diffId.update(part);
  const stored = Buffer.concat(Array.from({ length: 1000 }, () => gzipSync(part)));
  const built = { ...layer(part, { gzip: true, stored }), diffId: `sha256:${diffId.digest('hex')}` } as const;
  await writeFile(work.path('million.tar'), pack(hybridParts([named(image('million', { layers: [built] }), 'million:1')])));
  const { stdout } = await work.shell('imgkit files million.tar --quiet', { env: { NODE_OPTIONS: '--max-old-space-size=700' } });
  t.is(stdout.trim().split('\n').length, 1002);
});

test.serial('a flattened image shows what it showed', async (t) => {
  await work.ok(['flatten', `docker-daemon:${images.whiteout}`, 'flat.tar#flat:1'], host());
  await docker(engine.host, ['load', '--input', work.path('flat.tar')]);
  t.deepEqual(comparable(await containerListing(engine.host, 'flat:1', work.folder)), comparable(await containerListing(engine.host, images.whiteout, work.folder)));
  t.true((await readFile(work.path('flat.tar'))).length > 0);
});

async function layersOf(location: string): Promise<number> {
  const { layers } = await work.json<{ layers: readonly unknown[] }>(['inspect', location], host());
  return layers.length;
}
