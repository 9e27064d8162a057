import type { LayerNames } from '../content/layer-names.js';
import { LINK, OTHER } from './name-kind.js';
import { NameTable } from './name-table.js';
import { split } from './path-parts.js';
import { opaqueOf, whiteoutOf } from './whiteout.js';

/** Names that are looked up for one image: a hostile one could ask for any number. */
const MOST_LOOKUPS = 200_000;

/** A name that one layer gave to no folder, and another, which has no entry for it, gives names in. */
export interface CoveredName {
  readonly name: string;
  /** The upper layer; base 0. */
  readonly layer: number;
  /** The one with the entry. */
  readonly below: number;
  readonly isLink: boolean;
}

/**
 * Where engines do not agree about an image whose layers, base first, are right in themselves: one that unpacks each into a folder of its
 * own makes a folder of such a name and covers what the layer below has there, others follow a link or give up. The first of each layer;
 * none where a layer is not known, or after very many lookups. Links are not followed.
 */
export function coveredNames(layers: readonly (LayerNames | undefined)[]): readonly CoveredName[] {
  const stack = new Stack(layers);
  return layers.flatMap((names, layer) => {
    for (const name of names?.implied ?? []) {
      const found = stack.look(name, layer);
      if (found !== undefined) return [{ name, layer, ...found }];
    }
    return [];
  });
}

class Stack {
  readonly #layers: readonly (LayerNames | undefined)[];
  readonly #tables: NameTable[] = [];
  #left = MOST_LOOKUPS;

  constructor(layers: readonly (LayerNames | undefined)[]) {
    this.#layers = layers;
  }

  /** Which layer below `layer` gave `name` to no folder, if no layer between them hides that. */
  look(name: string, layer: number): Omit<CoveredName, 'name' | 'layer'> | undefined {
    for (let below = layer; below >= 0; below--) {
      const table = this.#table(below);
      if (table === undefined || this.#left < 0) return undefined;
      if (below < layer) {
        const kind = this.#get(table, name);
        if (kind === LINK || kind === OTHER) return { below, isLink: kind === LINK };
        if (kind !== 0) return undefined;
      }
      if (this.#hides(table, name)) return undefined;
    }
    return undefined;
  }

  /** Whether a layer hides what those below it have at `name`, by what it has above that. */
  #hides(table: NameTable, name: string): boolean {
    let [folder] = split(name);
    for (; folder !== ''; [folder] = split(folder)) {
      if (this.#get(table, folder) >= LINK || this.#get(table, whiteoutOf(folder)) !== 0 || this.#get(table, opaqueOf(folder)) !== 0) return true;
    }
    return this.#get(table, opaqueOf('')) !== 0;
  }

  #get(table: NameTable, name: string): number {
    this.#left -= 1;
    return table.get(name);
  }

  #table(layer: number): NameTable | undefined {
    const names = this.#layers[layer];
    return names && (this.#tables[layer] ??= new NameTable(names));
  }
}
