import { ImgkitError } from '../errors.js';
import type { FileTree } from '../filesystem/file-tree.js';
import type { TreeNode } from '../filesystem/tree-node.js';
import { printable } from '../tar/text.js';

/** A node, and its path with every link on the way resolved. */
export interface FoundPath {
  readonly path: string;
  readonly node: TreeNode;
}

/** Where `path`, as a user typed it, leads in `tree`, links at its end included. Throws `path-not-found`, saying how far it leads. */
export function findPath(tree: FileTree, path: string, location: string): FoundPath {
  const found = tree.follow(path);
  const at = `/${found.names.join('/')}`;
  if (found.kind === 'found') return { path: at.slice(1), node: found.node };
  const why = found.kind === 'loop' ? `the links at ${at} lead in a circle`
    : found.kind === 'not-a-folder' ? `${at} is no folder`
    : found.dangling ? `a link leads to ${at}, which is not there` : `there is no ${at}`;
  const asked = why === `there is no /${path.replace(/^\/+|\/+$/g, '')}` ? '' : `${printable(path)}: `;
  throw new ImgkitError('path-not-found', `${location}: ${asked}${printable(why)}; imgkit files shows what there is.`, { file: location, entry: path });
}
