import { IMPLIED_FOLDER, NO_LAYER } from './inode.js';
import { join } from './path-parts.js';
import type { TreeNode } from './tree-node.js';

/** Thrown where an answer depends on layers that were not read. Nobody outside hears of it: they are read then. */
export class BaseNeeded extends Error {
  /** What they have there is the question: a path, as an entry above spelled it; with a `/` at its end all that is in the folder. */
  readonly path: string;

  constructor(path: string) {
    super('the layers below are needed');
    this.path = path;
  }
}

/**
 * What is known of a folder to which layers that were not read may have given more. To ask for a name of which nothing is
 * known, or for all names, throws {@link BaseNeeded}: whoever gets an answer gets the one that the whole tree would give.
 */
export class PartialChildren extends Map<string, TreeNode> {
  /** Names that are certainly not there. */
  readonly hidden = new Set<string>();
  readonly #path: string;
  readonly #awaited = new Map<string, TreeNode>();

  /** `path` of the folder is for {@link BaseNeeded}. */
  constructor(path: string) {
    super();
    this.#path = path;
  }

  /** Whether the layers below decide what has `name`. */
  isOpen(name: string): boolean {
    return !this.has(name) && !this.hidden.has(name);
  }

  override get(name: string): TreeNode | undefined {
    if (this.isOpen(name)) throw new BaseNeeded(join(this.#path, name));
    return super.get(name);
  }

  /** Takes `name` away, whatever the layers below have there. */
  override delete(name: string): boolean {
    this.hidden.add(name);
    return super.delete(name);
  }

  override [Symbol.iterator](): never {
    throw this.allNeeded();
  }

  /**
   * The folder that the layer which is being applied will have at the open `name`: names in it can be hidden before it is there. Its
   * own path is `path`. What is known of it goes with {@link below}, and {@link settle} must follow.
   */
  await(name: string, path: string): TreeNode {
    let folder = this.#awaited.get(name);
    if (folder === undefined) this.#awaited.set(name, (folder = { inode: IMPLIED_FOLDER, layer: NO_LAYER, children: new PartialChildren(path) }));
    return folder;
  }

  /** What is known of the names in a folder that takes the open `name`, and keeps what a folder there has. */
  below(name: string, path: string): TreeNode['children'] {
    const { children } = this.await(name, path);
    this.#awaited.delete(name);
    return children;
  }

  /** Throws {@link BaseNeeded} if a name is still open at which a folder was awaited: the entries of the layer have gone another way than its whiteouts. */
  settle(): void {
    for (const name of this.#awaited.keys()) this.get(name);
    this.#awaited.clear();
  }

  /** What to throw where all names are asked for. */
  allNeeded(): BaseNeeded {
    return new BaseNeeded(`${this.#path}/`);
  }
}

/** The children of `folder` if layers that were not read decide what has `name` there. */
export function openChildren({ children }: TreeNode, name: string): PartialChildren | undefined {
  return children instanceof PartialChildren && children.isOpen(name) ? children : undefined;
}

/** The names that `old` or `node`, two folders of one name, tell apart: of others both have what the layers below have. */
export function namesToCompare({ children: old }: TreeNode, { children: fresh }: TreeNode): Iterable<string> {
  const partial = [old, fresh].filter((children) => children instanceof PartialChildren);
  if (partial.length === 1) throw (partial[0] as PartialChildren).allNeeded();
  const names = new Set([...(old?.keys() ?? []), ...(fresh?.keys() ?? [])]);
  for (const { hidden } of partial) for (const name of hidden) names.add(name);
  return names;
}
