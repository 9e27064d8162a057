import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { docker, type Dockerd } from './dockerd.js';

export interface BusyboxImages {
  /** `FROM scratch` with busybox-static and its applets as symlinks. */
  readonly base: string;
  /** Several layers on the base, with a hard link and file modes. */
  readonly layers: string;
  /** Shares every layer of `layers` and adds one. */
  readonly shared: string;
  /** ENV, LABEL, EXPOSE and more: history entries without a layer. */
  readonly config: string;
  /** Its last layers delete a file and replace a folder of the layers below. */
  readonly whiteout: string;
}

const images: BusyboxImages = {
  base: 'imgkit/base:1.0',
  layers: 'imgkit/layers:1.0',
  shared: 'imgkit/shared:1.0',
  config: 'imgkit/config:1.0',
  whiteout: 'imgkit/whiteout:1.0',
};

const dockerfiles: Readonly<Record<keyof BusyboxImages, string>> = {
  base: `
FROM scratch
COPY rootfs/ /
RUN ["/bin/busybox", "--install", "-s", "/bin"]
`,
  layers: `
FROM ${images.base}
COPY data/words.txt /data/words.txt
RUN mkdir -p /data/old/deep && echo one > /data/old/one && echo two > /data/old/deep/two
RUN echo hard > /data/hard && ln /data/hard /data/hard-link && chmod 4755 /data/old/one && chown 1000:1000 /data/old/deep
COPY data/ünïcode.txt data/words.txt /more/
`,
  shared: `
FROM ${images.layers}
RUN echo shared > /shared
`,
  config: `
FROM ${images.base}
ENV GREETING="hello world" EMPTY=
LABEL org.example.title="config \\"quoted\\"" org.example.empty=""
EXPOSE 8080/tcp 53/udp
COPY data/words.txt /srv/words.txt
WORKDIR /srv
USER 1000:1000
STOPSIGNAL SIGINT
HEALTHCHECK --interval=30s --timeout=3s CMD ["/bin/true"]
ENTRYPOINT ["/bin/sh", "-c"]
CMD ["echo $GREETING"]
VOLUME ["/var/lib/app"]
`,
  whiteout: `
FROM ${images.layers}
RUN rm /data/hard-link
RUN rm -r /data/old && mkdir /data/old && echo three > /data/old/three
`,
};

/**
 * Builds small real images in an engine with the classic builder, which alone
 * is part of the engine, and without a network. Resolves with their names.
 */
export async function buildBusyboxImages(engine: Pick<Dockerd, 'host'>): Promise<BusyboxImages> {
  const context = await mkdtemp(join(tmpdir(), 'imgkit-context-'));
  try {
    await fillContext(context);
    const build = (key: keyof BusyboxImages): Promise<string> =>
      docker(engine.host, ['build', '--network', 'none', '--tag', images[key], '--file', '-', '.'], {
        cwd: context,
        input: dockerfiles[key],
        env: { DOCKER_BUILDKIT: '0' },
      });
    // With vfs every step waits for the next full second, so branches run side
    // by side. All end before the context goes away, even when one fails.
    await build('base');
    const branches = await Promise.allSettled([
      build('config'),
      build('layers').then(() => Promise.all([build('shared'), build('whiteout')])),
    ]);
    for (const branch of branches) if (branch.status === 'rejected') throw branch.reason;
  } finally {
    await rm(context, { recursive: true, force: true });
  }
  return images;
}

async function fillContext(context: string): Promise<void> {
  const bin = join(context, 'rootfs/bin');
  const etc = join(context, 'rootfs/etc');
  const data = join(context, 'data');
  await Promise.all([bin, etc, data].map((folder) => mkdir(folder, { recursive: true })));
  await mkdir(join(context, 'rootfs/tmp'));
  await cp('/bin/busybox', join(bin, 'busybox'));
  await writeFile(join(etc, 'passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  await writeFile(join(etc, 'group'), 'root:x:0:\n');
  await writeFile(join(data, 'words.txt'), 'alpha\nbeta\ngamma\n'.repeat(100));
  await writeFile(join(data, 'ünïcode.txt'), 'grüße\n');
}
