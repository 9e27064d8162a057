import { BodyHasher } from './body-hasher.js';
import { announceLayers, type ImageLayer, type ReadLayerOptions } from './image-layer.js';
import type { Inode } from './inode.js';
import { pushBodies } from './layer-bodies.js';

/** Gives `inodes`, whose bodies lie in `layers`, their digests; one may come several times. Reads only the layers that hold one of them. */
export async function hashBodies(layers: readonly ImageLayer[], inodes: Iterable<Inode>, options: ReadLayerOptions): Promise<void> {
  const wanted = new Map<number, Inode[]>();
  for (const inode of inodes) {
    const bodies = wanted.get(inode.layer);
    if (bodies === undefined) wanted.set(inode.layer, [inode]);
    else bodies.push(inode);
  }
  announceLayers([...wanted.keys()].map((number) => layers[number] as ImageLayer), options);
  for (const [number, bodies] of wanted) {
    const once = bodies.sort((a, b) => a.bodyOffset - b.bodyOffset).filter((body, i) => body !== bodies[i - 1]);
    const hasher = new BodyHasher();
    await pushBodies(layers[number] as ImageLayer, once, options, ({ body, chunk, at }) => {
      if (at === 0) hasher.begin(body);
      hasher.chunk(chunk);
      if (at + chunk.length === body.size) hasher.end();
    });
  }
}
