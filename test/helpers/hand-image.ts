import { chmod, cp, link, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { sha256 } from './image-builder.js';
import { runOrThrow } from './run.js';

/** One layer, as GNU tar made it. */
export interface HandLayer {
  readonly tar: Uint8Array;
  readonly diffId: string;
}

/** An image made by hand, without imgkit or an engine. */
export interface HandImage {
  readonly layers: readonly HandLayer[];
  readonly config: Uint8Array;
  /** Digest of the config. */
  readonly imageId: string;
}

/** Two images; `extended` has the layers of `plain` and two more, one of them a whiteout. */
export interface HandImages {
  readonly plain: HandImage;
  readonly extended: HandImage;
}

/** Real layers from busybox-static: links, modes, owners, a name in UTF-8, a long name, a file above the default chunk. */
export async function makeHandImages(): Promise<HandImages> {
  const folder = await mkdtemp(join(tmpdir(), 'imgkit-hand-'));
  try {
    const base = await layer(folder, 'base', async (root) => {
      await mkdir(join(root, 'bin'));
      await cp('/bin/busybox', join(root, 'bin/busybox'));
      await link(join(root, 'bin/busybox'), join(root, 'bin/sh'));
      await symlink('busybox', join(root, 'bin/ls'));
    });
    const data = await layer(folder, 'data', async (root) => {
      await mkdir(join(root, 'data/deep'), { recursive: true });
      await writeFile(join(root, 'data/ünïcode.txt'), 'grüße\n');
      await writeFile(join(root, `data/${'long'.repeat(50)}`), 'a long name\n');
      await writeFile(join(root, 'data/deep/secret'), 'secret\n');
      await chmod(join(root, 'data/deep/secret'), 0o600);
      await writeFile(join(root, 'data/gone'), 'gone\n');
    });
    const more = await layer(folder, 'more', async (root) => {
      await mkdir(join(root, 'more'));
      await writeFile(join(root, 'more/lines'), 'alpha beta gamma\n'.repeat(20_000));
    });
    const whiteout = await layer(folder, 'whiteout', async (root) => {
      await mkdir(join(root, 'data'));
      await writeFile(join(root, 'data/.wh.gone'), '');
    });
    return { plain: image([base, data]), extended: image([base, data, more, whiteout]) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function layer(folder: string, name: string, fill: (root: string) => Promise<void>): Promise<HandLayer> {
  const root = join(folder, name);
  await mkdir(root);
  await fill(root);
  const file = `${root}.tar`;
  await runOrThrow('tar', ['-C', root, '--sort=name', '--format=gnu', '--numeric-owner', '--owner=0', '--group=0', '--mtime=@1700000000', '-cf', file, '.']);
  const tar = await readFile(file);
  return { tar, diffId: sha256(tar) };
}

/** A config as docker writes it: an empty step between the layers. */
function image(layers: readonly HandLayer[]): HandImage {
  const step = (text: string): object => ({ created: '2023-11-14T22:13:20Z', created_by: `/bin/sh -c ${text}` });
  const [first, ...others] = layers.map((_, i) => step(`make layer ${i}`));
  const config = Buffer.from(JSON.stringify({
    architecture: 'amd64',
    config: { Env: ['PATH=/bin', 'GREETING=grüße'], Cmd: ['/bin/sh'], Labels: { 'org.opencontainers.image.title': 'by hand', 'org.label-schema.version': '1.2.3' } },
    created: '2023-11-14T22:13:20Z',
    history: [first, { ...step('#(nop)  ENV GREETING=grüße'), empty_layer: true }, ...others],
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
  }));
  return { layers, config, imageId: sha256(config) };
}

/** What an archive made by {@link packArchive} holds at a path. */
export type HandEntry = Uint8Array | string | { readonly symlink: string } | { readonly hardlink: string };

/** Packs entries, in this order, with GNU tar; what links are inside the tar is up to the entries. */
export async function packArchive(path: string, entries: ReadonlyMap<string, HandEntry>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'imgkit-pack-'));
  try {
    for (const [name, entry] of entries) {
      const target = join(folder, name);
      await mkdir(dirname(target), { recursive: true });
      if (typeof entry === 'string' || entry instanceof Uint8Array) await writeFile(target, entry);
      else if ('symlink' in entry) await symlink(entry.symlink, target);
      else await link(join(folder, entry.hardlink), target);
    }
    await runOrThrow('tar', ['-C', folder, '--format=ustar', '--no-recursion', '-cf', path, '--', ...entries.keys()]);
    return path;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A docker archive as skopeo lays it out: `<hex>.json`, `<hex>.tar`, manifest.json. */
export function dockerArchive(path: string, images: readonly (HandImage & { readonly tags: readonly string[] })[]): Promise<string> {
  const hex = (digest: string): string => digest.slice('sha256:'.length);
  const entries = new Map<string, HandEntry>();
  for (const { layers, config, imageId } of images) {
    for (const { tar, diffId } of layers) entries.set(`${hex(diffId)}.tar`, tar);
    entries.set(`${hex(imageId)}.json`, config);
  }
  entries.set('manifest.json', JSON.stringify(images.map(({ layers, imageId, tags }) => ({
    Config: `${hex(imageId)}.json`, RepoTags: tags, Layers: layers.map(({ diffId }) => `${hex(diffId)}.tar`),
  }))));
  return packArchive(path, entries);
}
