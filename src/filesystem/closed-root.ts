/** What to tell of a root folder of `mode`: a tar of a folder that was made for one's eyes alone (mktemp -d) makes an image that only root can run. */
export function closedRoot(mode: number): string | undefined {
  if ((mode & 0o005) === 0o005) return undefined;
  return `the root folder has the mode ${mode.toString(8).padStart(4, '0')}, as the tar says: who is neither its owner nor root cannot run anything there; if that was not meant, chmod 755 the folder and make the tar anew`;
}
