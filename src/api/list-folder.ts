import { hideSecrets } from '../content/hide-password.js';
import { ImgkitError } from '../errors.js';
import { isFolderUrl, parseUrlLocation } from '../image/location-url.js';
import type { NetworkOptions } from '../network/network-options.js';
import type { RemoteFolder } from '../operations/ship/remote-folder.js';
import type { WorkOptions } from '../progress.js';
import { beginCall } from './begin-call.js';
import { TEXT } from './option-kinds.js';

export interface ListFolderOptions extends WorkOptions {
  /** Ends with `/`. */
  readonly url: string;
  readonly network?: NetworkOptions | undefined;
}

export interface ListFolderResult extends RemoteFolder {
  /** The folder, without a query. */
  readonly url: string;
}

/** What a folder at a host holds: files with size, time and whether their checksum and signatures are there, folders, part files. Opens none of them. */
export async function listFolder(options: ListFolderOptions): Promise<ListFolderResult> {
  beginCall(options, { url: TEXT });
  const { url, network, signal } = options;
  if (parseUrlLocation(url) === undefined || !isFolderUrl(url)) throw new ImgkitError('usage', `"${hideSecrets(url)}" is no URL of a folder; end it with /.`);
  const [{ openTarget }, { readFolder }] = await Promise.all([import('../operations/ship/open-target.js'), import('../operations/ship/remote-folder.js')]);
  const { transport, path, shown } = await openTarget(url, { network, signal, purpose: 'read' });
  try {
    const { files, folders, parts } = readFolder(await transport.list(path, { signal }));
    // Versions are for those who fetch: they mean nothing to anybody else.
    return { url: shown, files: files.map(({ version: _, ...file }) => file), folders, parts };
  } finally {
    await transport.close();
  }
}
