import type { TarEntry } from '../tar/tar-entry.js';
import { TarScanner } from '../tar/tar-scanner.js';
import { pushLayer, type ImageLayer, type ReadLayerOptions } from './image-layer.js';
import type { Inode } from './inode.js';
import { LayerChanges } from './layer-changes.js';

/** Takes bodies as they go by. */
export interface BodyReceiver {
  /** A file's body follows in {@link chunk} calls, `entry.size` bytes in all; then comes `end`. */
  begin(inode: Inode, entry: TarEntry): void;
  /** A view that is valid only during the call. */
  chunk(chunk: Uint8Array): void;
  end(): void;
}

/**
 * What `layer` does, from one pass over all of it: its bytes are proven and every header is checked before this resolves.
 * `receiver` gets the bodies, which are a claim until then; `changes` are filled, for a receiver that looks at them. Throws as `openLayer`
 * does, and `tar-malformed`.
 */
export async function readLayer(layer: ImageLayer, options: ReadLayerOptions, receiver?: BodyReceiver, changes = new LayerChanges(layer.number, layer.name)): Promise<LayerChanges> {
  /** Of the body that is under way. */
  let left = 0;
  const scanner = new TarScanner({
    file: layer.name,
    mode: 'layer',
    limits: options.limits,
    onEntry: (entry) => {
      const inode = changes.add(entry);
      left = 0;
      if (receiver === undefined || inode?.type !== 'file') return;
      receiver.begin(inode, entry);
      left = entry.size;
      if (left === 0) receiver.end();
    },
    onBody: receiver && ((_entry, chunk) => {
      if (left === 0) return;
      receiver.chunk(chunk);
      left -= chunk.length;
      if (left === 0) receiver.end();
    }),
  });
  await pushLayer(layer, options, (chunk) => scanner.push(chunk), receiver === undefined ? 'quick' : 'slow');
  scanner.end();
  return changes;
}
