/** The order of a walk: name by name, a folder before what is in it. */
export function comparePaths(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  let i = 0;
  while (i < shorter && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  if (i === shorter) return a.length - b.length;
  const [x, y] = [a[i] as string, b[i] as string];
  // No name holds a slash: it sorts before everything that does not end there.
  return x === '/' ? -1 : y === '/' ? 1 : x < y ? -1 : 1;
}

/** {@link comparePaths} of paths that are not put together: of the name `a` in `folderA`, and `b` in `folderB`. */
export function comparePlaces(folderA: string, a: string, folderB: string, b: string): number {
  // Two names, which hold no slash: nearly always.
  if (folderA === folderB) return a < b ? -1 : a > b ? 1 : 0;
  if (isAbove(folderA, folderB)) return comparePaths(a, below(folderB, folderA)) || -1;
  if (isAbove(folderB, folderA)) return -comparePaths(b, below(folderA, folderB)) || 1;
  return comparePaths(folderA, folderB);
}

function isAbove(folder: string, path: string): boolean {
  return folder === '' || (path.startsWith(folder) && path[folder.length] === '/');
}

/** What is left of `path` below `folder`. */
function below(path: string, folder: string): string {
  return folder === '' ? path : path.slice(folder.length + 1);
}
