import type { FoldedNode } from '../operations/report/fold-tree.js';

/** Bytes below (or of) each node, and how many folders it lies below. Parents come before children, so two passes are enough. */
export function folderSizes(nodes: readonly FoldedNode[]): readonly { readonly bytes: number; readonly depth: number }[] {
  const sizes = nodes.map(({ bytes, rest }) => ({ bytes: (bytes ?? 0) + rest.bytes, depth: 0 }));
  for (const [i, { parent }] of nodes.entries()) if (parent >= 0) (sizes[i] as { depth: number }).depth = (sizes[parent]?.depth ?? 0) + 1;
  for (let i = nodes.length - 1; i > 0; i -= 1) {
    const folder = sizes[nodes[i]?.parent ?? 0];
    if (folder !== undefined) folder.bytes += sizes[i]?.bytes ?? 0;
  }
  return sizes;
}

/** The path of node `at`: `/usr/bin`. */
export function pathOf(nodes: readonly FoldedNode[], at: number): string {
  const names: string[] = [];
  for (let i = at; i > 0; i = nodes[i]?.parent ?? 0) names.push(nodes[i]?.name ?? '');
  return `/${names.toReversed().join('/')}`;
}
