/** Folder and name. */
export function split(path: string): readonly [folder: string, name: string] {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? ['', path] : [path.slice(0, slash), path.slice(slash + 1)];
}

/** The path of `name` in `folder`. */
export function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}
