import type { LayerNames } from '../content/layer-names.js';
import { GONE, LINK, OTHER } from './name-kind.js';
import { NameTable } from './name-table.js';
import { split } from './path-parts.js';
import { opaqueOf, whiteoutOf } from './whiteout.js';

/** Names that are looked up for one image: a hostile one could ask for any number. */
const MOST_LOOKUPS = 200_000;

/** A name that two layers speak of in ways that engines put together differently. */
export interface DisputedName {
  readonly name: string;
  /** The upper layer; base 0. */
  readonly layer: number;
  /** The lower one, which has an entry for it. */
  readonly below: number;
  /**
   * The lower layer gave it to a link, or to another thing that is no folder, and the upper one gives names in it without an entry. Or to a
   * folder, which the upper one deletes and gives again.
   */
  readonly given: 'link' | 'other' | 'folder';
}

/**
 * Where engines do not agree about an image whose layers, base first, are right in themselves. One that unpacks each into a folder of its own
 * makes a folder where names lie in one, and covers what the layer below has there: others follow a link or give up. And of a folder
 * that takes the place of its whiteout it does not know that there was one, and shows what the layer below has in it.
 * The first of both kinds in each layer; none where a layer is not known, or after very many lookups. Links are not followed.
 */
export function disputedNames(layers: readonly (LayerNames | undefined)[]): readonly DisputedName[] {
  const stack = new Stack(layers);
  return layers.flatMap((names, layer) => {
    if (names === undefined) return [];
    return [stack.covered(names.implied, layer), stack.shown(names.again, layer)].filter((each) => each !== undefined);
  });
}

class Stack {
  readonly #layers: readonly (LayerNames | undefined)[];
  /** Made when something is looked up: most images have nothing to look up. */
  readonly #tables: NameTable[] = [];
  #left = MOST_LOOKUPS;

  constructor(layers: readonly (LayerNames | undefined)[]) {
    this.#layers = layers;
  }

  /** The first of `names` that a layer below `layer` gave to no folder. */
  covered(names: readonly string[], layer: number): DisputedName | undefined {
    for (const name of names) {
      const found = this.#look(name, layer);
      if (found !== undefined && found.given !== 'folder') return { name, layer, ...found };
    }
    return undefined;
  }

  /** The first of `names` that a layer below gave to a folder, if no marker of `layer` hides what is in it. */
  shown(names: readonly string[], layer: number): DisputedName | undefined {
    for (const name of names) {
      const found = this.#look(name, layer);
      const table = this.#table(layer);
      if (table !== undefined && found?.given === 'folder' && this.#get(table, opaqueOf(name)) === 0) return { name, layer, ...found };
    }
    return undefined;
  }

  /** The layer below `layer` that gave `name` last, if none hides what it gave; a whiteout of the name in `layer` is passed over. */
  #look(name: string, layer: number): Pick<DisputedName, 'below' | 'given'> | undefined {
    for (let below = layer; below >= 0; below--) {
      const table = this.#table(below);
      if (table === undefined || this.#left < 0) return undefined;
      if (below < layer) {
        const kind = this.#get(table, name);
        if (kind === GONE) return undefined;
        if (kind !== 0) return { below, given: kind === LINK ? 'link' : kind === OTHER ? 'other' : 'folder' };
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
