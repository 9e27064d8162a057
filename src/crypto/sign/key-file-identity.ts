/** For keys that name nobody: the name of their file. Undefined when it is not the one that is wanted. */
export function keyFileIdentity(path: string, wanted: string | undefined): string | undefined {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  const stem = name.replace(/\.(?:pub|pem|key|asc|gpg|pgp)$/, '');
  return wanted === undefined || wanted === name || wanted === stem ? stem : undefined;
}
