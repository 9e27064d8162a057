import type { FileRange } from '../content/byte-source.js';
import { sizeMismatch } from '../content/verified-read.js';
import { inFile } from '../image/in-file.js';
import { TarScanner } from '../tar/tar-scanner.js';
import type { ImageLayer, ReadLayerOptions } from './image-layer.js';
import { LayerChanges } from './layer-changes.js';
import { skimTar } from './skim-tar.js';

/** What a layer does, and how much of it was read to learn that. */
export interface LayerNames {
  readonly changes: LayerChanges;
  /** Bytes that were read. */
  readonly bytes: number;
}

/**
 * What the uncompressed `layer`, which lies at `input` in a local file, does, from its headers alone: bodies are passed over, so
 * **nothing is proven** but the form of the headers. For layers of which two images say that they are the same one. Throws
 * as `skimTar` does, and `size-mismatch`.
 */
export async function readLayerNames({ name, number, descriptor }: ImageLayer, input: FileRange, { limits, signal }: ReadLayerOptions): Promise<LayerNames> {
  const changes = new LayerChanges(number, name);
  const scanner = new TarScanner({ file: name, mode: 'layer', limits, onEntry: (entry) => { changes.add(entry); } });
  try {
    if (input.length !== descriptor.size) throw sizeMismatch(descriptor, String(input.length));
    const bytes = await skimTar(input, scanner, { name, signal });
    scanner.end();
    return { changes, bytes };
  } catch (error) {
    throw inFile(error, name.slice(0, -descriptor.digest.length - 2));
  }
}
