/** For keys that name nobody: the name of their file. Undefined when it is not the one that is wanted. */
export function keyFileIdentity(path: string, wanted: string | undefined): string | undefined {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  const stem = name.replace(/\.(?:pub|pem|key|asc|gpg|pgp)$/, '');
  return wanted === undefined || wanted === name || wanted === stem ? stem : undefined;
}

/** What a key is called that is in these files: a policy may know it by any of them. Empty when none is the one that is wanted. */
export function keyFileIdentities(paths: readonly string[], wanted: string | undefined): readonly string[] {
  return [...new Set(paths.flatMap((path) => keyFileIdentity(path, wanted) ?? []))];
}
