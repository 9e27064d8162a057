import { isRemoteName } from '../../network/remote-path.js';

/**
 * The plain name that `href`, a server's word, has directly in the folder at `folderUrl` (which ends with `/`); undefined for
 * everything else: the folder itself, what lies deeper or elsewhere, names that would lead out of a folder.
 */
export function nameBelow(href: string, folderUrl: string): string | undefined {
  if (!URL.canParse(href, folderUrl)) return undefined;
  const folder = new URL(folderUrl).pathname;
  const path = decode(new URL(href, folderUrl).pathname);
  const above = decode(folder);
  if (path === undefined || above === undefined || !path.startsWith(above)) return undefined;
  const name = path.slice(above.length).replace(/\/$/, '');
  return isRemoteName(name) ? name : undefined;
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
