import type { TreeNode } from './tree-node.js';

/** Thrown where an answer depends on layers that were not read. Nobody outside hears of it: they are read then. */
export class BaseNeeded extends Error {
  constructor() {
    super('the layers below are needed');
  }
}

/**
 * What is known of a folder to which layers that were not read may have given more. To ask for a name of which nothing is
 * known, or for all names, throws {@link BaseNeeded}: whoever gets an answer gets the one that the whole tree would give.
 */
export class PartialChildren extends Map<string, TreeNode> {
  /** Names that are certainly not there. */
  readonly hidden = new Set<string>();

  /** Whether the layers below decide what has `name`. */
  isOpen(name: string): boolean {
    return !this.has(name) && !this.hidden.has(name);
  }

  override get(name: string): TreeNode | undefined {
    if (this.isOpen(name)) throw new BaseNeeded();
    return super.get(name);
  }

  /** Takes `name` away, whatever the layers below have there. */
  override delete(name: string): boolean {
    this.hidden.add(name);
    return super.delete(name);
  }

  override [Symbol.iterator](): never {
    throw new BaseNeeded();
  }
}

/** The names that `old` or `node`, two folders of one name, tell apart: of others both have what the layers below have. */
export function namesToCompare({ children: old }: TreeNode, { children: fresh }: TreeNode): Iterable<string> {
  const both = [old, fresh].map((children) => children instanceof PartialChildren);
  if (both[0] !== both[1]) throw new BaseNeeded();
  const names = new Set([...(old?.keys() ?? []), ...(fresh?.keys() ?? [])]);
  for (const children of [old, fresh]) if (children instanceof PartialChildren) for (const name of children.hidden) names.add(name);
  return names;
}
