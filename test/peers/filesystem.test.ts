import { readFile, writeFile } from 'node:fs/promises';
import test from 'ava';
import { hybridParts, named } from '../helpers/archive-parts.js';
import { containerListing, OF_THE_ENGINE, tarListing } from '../helpers/container-listing.js';
import { docker, startDockerd, type Dockerd } from '../helpers/dockerd.js';
import { buildBusyboxImages, type BusyboxImages } from '../helpers/engine-image.js';
import { image, layer, pack } from '../helpers/image-builder.js';
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

/** Layers with every rule of the specification in them that the engine follows; no layer relies on the order of its whiteouts. */
const unions: readonly (readonly LayerEntry[])[] = [
  [
    folder('bin'), file('bin/true', '#!', { mode: 0o755 }), folder('a'), file('a/kept', '1'), file('a/gone', '2'), file('a/gone.too', '3'), folder('a/sub'), file('a/sub/x', '4'),
    folder('o'), file('o/old', '5'), folder('o/deep'), file('o/deep/old', '6'), folder('usr'), folder('usr/lib'), file('usr/lib/a', '7'), file('usr/lib/b', '8'), link('lib', 'usr/lib'),
    file('linked', 'one'), link('other', 'linked', 'hardlink'), folder('becomes-file'), file('becomes-file/x', '9'), file('becomes-folder', '10'), folder('meta', 0o755), file('meta/x', '11'),
    file('set', '12', { mode: 0o4755 }), file('owned', '13', { uid: 3_000_000, gid: 12 }), { path: 'fifo', type: 'fifo', mtime: time }, file('usr/somewhere', '14'), file('a/x.wh.y', '15'),
    folder('replaced'), file('replaced/x', '16'), link('to-replaced', 'replaced'), folder('sticky', 0o1777), file('ünï', '17'), file(`${'n'.repeat(100)}/${'m'.repeat(120)}`, '18'), link('dangling', '/no/where'),
  ],
  [
    folder('a'), file('a/.wh.gone', ''), file('a/.wh.sub', ''), folder('o'), file('o/.wh..wh..opq', ''), file('o/new', 'n'), file('lib/.wh.a', ''), file('lib/c', 'c'),
    file('linked', 'two, longer'), file('.wh.becomes-file', ''), file('.wh.no-such-thing', ''), folder('meta', 0o700), folder('replaced'), file('to-replaced/y', 'y'),
  ],
  [file('becomes-file', 'now a file'), file('.wh.becomes-folder', ''), link('third', 'other', 'hardlink')],
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

test.serial('the union rules are those of the engine', async (t) => {
  const built = image('union', { layers: unions.map((entries) => layer(layerEntries(...entries))) });
  await writeFile(work.path('union.tar'), pack(hybridParts([named(built, 'union:1')])));
  await docker(engine.host, ['load', '--input', work.path('union.tar')]);
  t.deepEqual(comparable(await exported('union.tar')), comparable(await containerListing(engine.host, 'union:1', work.folder)));
});

test.serial('imgkit diff says what docker diff says of the same change', async (t) => {
  const script = [
    'rm /data/hard', 'echo changed > /data/words.txt', 'mkdir -p /new/deep', 'echo x > /new/deep/x', 'rm -r /data/old/deep', 'chmod 700 /more', 'chown 5:6 /data/old/one', 'ln -s x /new/link',
    'rm /bin/zcat', 'mkdir /bin/zcat', 'echo y > /bin/zcat/y', 'mv /more/words.txt /more/moved',
  ].join(' && ');
  const id = (await docker(engine.host, ['create', '--network', 'none', images.layers, '/bin/sh', '-c', script])).trim();
  await docker(engine.host, ['start', '--attach', id]);
  const engineSays = (await docker(engine.host, ['diff', id])).trim().split('\n');
  await docker(engine.host, ['commit', id, 'changed:1']);
  const { code, stdout } = await work.imgkit(['diff', `docker-daemon:${images.layers}`, 'docker-daemon:changed:1', '--files'], host());
  t.is(code, 1);
  const relevant = (lines: readonly string[]): readonly string[] => lines.filter((line) => !OF_THE_ENGINE.test(line.slice(3)) && !/^. \/(?:dev|etc|proc|sys)$/.test(line)).sort();
  t.deepEqual(relevant(stdout.trim().split('\n')), relevant(engineSays));
  const one = await work.imgkit(['diff', 'docker-daemon:changed:1', '--layer', String(await layersOf('docker-daemon:changed:1'))], host());
  t.deepEqual(relevant(one.stdout.trim().split('\n')), relevant(engineSays));
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
