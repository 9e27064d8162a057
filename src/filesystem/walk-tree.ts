import type { TreeNode } from './tree-node.js';

/** A node on a walk, and its path from the root of the tree. */
export interface WalkedNode {
  readonly path: string;
  /** The path of the folder that it is in, one text for all in it, and the name in it. */
  readonly folder: string;
  readonly name: string;
  readonly node: TreeNode;
  /** Folders above it, below where the walk began. */
  readonly depth: number;
}

interface Step {
  readonly folder: string;
  readonly depth: number;
  readonly children: readonly (readonly [string, TreeNode])[];
  next: number;
}

/** Everything below `node`, itself not: a folder before what it holds, siblings sorted. Depth costs no stack. */
export function* walkTree(node: TreeNode, path = ''): Generator<WalkedNode> {
  const steps: Step[] = [{ folder: path, depth: 0, children: sortedChildren(node), next: 0 }];
  for (let step = steps.at(-1); step !== undefined; step = steps.at(-1)) {
    const child = step.children[step.next++];
    if (child === undefined) {
      steps.pop();
      continue;
    }
    const [name, node] = child;
    const { folder } = step;
    const path = folder === '' ? name : `${folder}/${name}`;
    yield { path, folder, name, node, depth: step.depth };
    if (node.children !== undefined) steps.push({ folder: path, depth: step.depth + 1, children: sortedChildren(node), next: 0 });
  }
}

/** The children of `node`, sorted by name. */
function sortedChildren({ children }: TreeNode): readonly (readonly [name: string, node: TreeNode])[] {
  return children === undefined ? [] : [...children].sort(([a], [b]) => compareNames(a, b));
}

/** The order of names everywhere: by UTF-16 unit, the same on every machine. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
