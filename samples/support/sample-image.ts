import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pack } from 'tar-stream';

/** The files that go into the image; they are not compiled, so they lie two folders up from dist/samples/support. */
const files = join(import.meta.dirname, '../../../samples/hello');

/** Nothing of the machine or the moment may get into an image that is to have the same digest everywhere. */
const created = '2024-01-01T00:00:00Z';
const mtime = new Date(created);

/** One image, in memory: a config and the uncompressed layers that it names. */
export interface SampleImage {
  readonly version: string;
  readonly config: Uint8Array;
  readonly layers: readonly Uint8Array[];
}

/** The image of samples/hello, always with the same bytes. `version` replaces what its file VERSION says. */
export async function sampleImage(options: { readonly version?: string | undefined; readonly architecture?: string | undefined } = {}): Promise<SampleImage> {
  const read = (name: string): Promise<Buffer> => readFile(join(files, name));
  const version = options.version ?? (await read('VERSION')).toString().trim();
  const layers = [
    await layer([
      { path: 'bin/' },
      { path: 'bin/hello', mode: 0o755, body: await read('bin/hello') },
      { path: 'etc/' },
      { path: 'etc/motd', body: await read('etc/motd') },
      { path: 'www/' },
      { path: 'www/index.html', body: await read('www/index.html') },
    ]),
    await layer([{ path: 'VERSION', body: Buffer.from(`${version}\n`) }]),
  ];
  const config = {
    created,
    architecture: options.architecture ?? 'amd64',
    os: 'linux',
    config: {
      Env: ['PATH=/usr/bin:/bin', 'HELLO_MODE=sample'],
      Cmd: ['/bin/hello'],
      Labels: {
        'org.opencontainers.image.title': 'hello',
        'org.opencontainers.image.version': version,
        'org.opencontainers.image.description': 'A few files to move around',
        'org.opencontainers.image.licenses': 'Apache-2.0',
      },
    },
    rootfs: { type: 'layers', diff_ids: layers.map(digestOf) },
    history: [
      { created, created_by: 'COPY bin etc www /' },
      { created, created_by: 'COPY VERSION /' },
      { created, created_by: 'CMD ["/bin/hello"]', empty_layer: true },
    ],
  };
  return { version, config: json(config), layers };
}

/** One entry of a tar; a path that ends in a slash is a folder. */
export interface TarFile {
  readonly path: string;
  readonly mode?: number;
  readonly body?: Uint8Array;
}

/** A tar with time, owner and mode of every entry given, so that the same files give the same bytes. */
export async function layer(entries: readonly TarFile[]): Promise<Uint8Array> {
  const tar = pack();
  for (const { path, mode, body } of entries) {
    const type = path.endsWith('/') ? 'directory' : 'file';
    tar.entry({ name: path, type, mode: mode ?? (type === 'directory' ? 0o755 : 0o644), uid: 0, gid: 0, mtime }, Buffer.from(body ?? []));
  }
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

export function hexOf(bytes: Uint8Array): string {
  return digestOf(bytes).slice('sha256:'.length);
}

export function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
