import { pathOf } from './additions.js';
import type { LayerChanges } from './layer-changes.js';
import { split } from './path-parts.js';

/** A folder on the way to something that a layer hides. */
export interface WayFolder {
  /** Whether the layer has given a folder of that path so far. */
  given: boolean;
  readonly below: Map<string, WayFolder>;
}

/**
 * The folders above all that a layer hides, as a tree by name: a path of a thousand folders is walked once a whiteout, not cut a
 * thousand times.
 */
export class WaysToHidden {
  readonly root: WayFolder = { given: false, below: new Map() };
  readonly #additions: LayerChanges['additions'];
  #read = 0;

  constructor({ additions, removals }: LayerChanges) {
    this.#additions = additions;
    for (const { kind, path } of removals) {
      let folder = this.root;
      for (const name of (kind === 'opaque' ? path : split(path)[0]).split('/')) {
        let next = folder.below.get(name);
        if (next === undefined) folder.below.set(name, (next = { given: false, below: new Map() }));
        folder = next;
      }
    }
  }

  /** Takes the folders that the first `count` additions give. */
  take(count: number): void {
    for (; this.#read < count; this.#read++) {
      const addition = this.#additions.at(this.#read);
      if (addition.inode?.type !== 'directory') continue;
      let folder: WayFolder | undefined = this.root;
      for (const name of pathOf(addition).split('/')) folder = folder?.below.get(name);
      if (folder !== undefined) folder.given = true;
    }
  }
}
