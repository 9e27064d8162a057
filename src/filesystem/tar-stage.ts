import type { FileHandle } from 'node:fs/promises';
import { PositionalWriter } from '../content/positional-writer.js';
import { BLOCK, paddingOf } from '../tar/block.js';
import { encodeHeader } from '../tar/encode-header.js';
import type { Additions } from './additions.js';
import { DecidedNames } from './decided-names.js';
import { fileSize } from './inode.js';
import { inodeHeader } from './inode-header.js';
import type { LayerChanges } from './layer-changes.js';
import { join } from './path-parts.js';
import type { BodyReceiver } from './read-layer.js';
import type { PlannedEntry } from './tree-tar.js';

/** What one layer brought: numbers of its additions, and where their bodies begin in the tar, in blocks. */
interface StagedLayer {
  readonly additions: Additions;
  readonly numbers: number[];
  readonly places: number[];
}

/**
 * The beginning of a tar of the order `layers`, written while the layers are read for the first time, from the top down: where files go
 * is a guess, which needs only what the layers above decide. When the tree is known, each is compared with its plan ({@link take}); what
 * was guessed wrong is then written anew. Of sparse files, whose stored form is another, only the space is reserved.
 */
export class TarStage {
  readonly #writer: PositionalWriter;
  readonly #decided = new DecidedNames();
  readonly #layers: StagedLayer[] = [];
  readonly #inOrder: Iterator<{ readonly additions: Additions; readonly number: number; readonly bodyOffset: number }>;
  #offset = 0;

  /** `file` is empty and stays the caller's; `name` is for errors. */
  constructor(file: FileHandle, name: string) {
    this.#writer = new PositionalWriter(file, name);
    this.#inOrder = this.#staged();
  }

  /** Takes the bodies of the next layer, the one below those that were read; `changes` are filled meanwhile. Then call {@link finish}. */
  receiver({ additions }: LayerChanges): BodyReceiver {
    const layer: StagedLayer = { additions, numbers: [], places: [] };
    this.#layers.push(layer);
    /** Of the next piece in the tar; undefined while the body is not taken. */
    let at: number | undefined;
    return {
      begin: (inode) => {
        at = undefined;
        // What AUFS kept for hard links has no name of its own: where it goes is known with the tree.
        if (!additions.endsWith(inode)) return;
        const size = fileSize(inode);
        const number = additions.length - 1;
        const [folder, name] = [additions.folderAt(number), additions.nameAt(number)];
        if (size === 0 || this.#decided.hides(folder, name)) return;
        const header = encodeHeader(inodeHeader(join(folder, name), inode));
        const bodyOffset = this.#offset + header.length;
        layer.numbers.push(number);
        layer.places.push(bodyOffset / BLOCK);
        if (inode.sparse === undefined) {
          this.#writer.write(header, this.#offset);
          at = bodyOffset;
        }
        this.#offset = bodyOffset + size + paddingOf(size);
      },
      chunk: (chunk) => {
        if (at === undefined) return;
        this.#writer.write(chunk, at);
        at += chunk.length;
      },
      end: () => undefined,
    };
  }

  /** The layer with `changes` was read. */
  finish(changes: LayerChanges): void {
    this.#decided.take(changes);
    this.#writer.flush();
  }

  /**
   * Compares `entry`, the next of a plan with a body, with the next that was written: it is there, or only under another name of the
   * same length, or not.
   */
  take({ inode, bodyOffset, folder, name }: Pick<PlannedEntry, 'inode' | 'bodyOffset' | 'folder' | 'name'>): 'there' | 'renamed' | 'elsewhere' {
    const next = this.#inOrder.next();
    if (next.done === true) return 'elsewhere';
    const { additions, number } = next.value;
    const addition = additions.at(number);
    if (addition.inode !== inode || next.value.bodyOffset !== bodyOffset) return 'elsewhere';
    return addition.folder === folder && addition.name === name ? 'there' : 'renamed';
  }

  /** True when {@link take} has compared everything. */
  isTaken(): boolean {
    return this.#inOrder.next().done === true;
  }

  *#staged(): Generator<{ readonly additions: Additions; readonly number: number; readonly bodyOffset: number }> {
    for (const { additions, numbers, places } of this.#layers) {
      for (let i = 0; i < numbers.length; i++) yield { additions, number: numbers[i] as number, bodyOffset: (places[i] as number) * BLOCK };
    }
  }
}
