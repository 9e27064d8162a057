import type { NetworkOptions } from '../network/network-options.js';
import { ImgkitError } from '../errors.js';
import type { Transport } from './transport.js';

/**
 * The transport for the host of `url`, picked by its scheme and loaded only now; nothing is connected yet. The caller closes it.
 * Throws `location-unsupported` for another scheme.
 */
export async function openTransport(url: string, network: NetworkOptions = {}): Promise<Transport> {
  const scheme = /^[a-z]+(?=:\/\/)/i.exec(url)?.[0].toLowerCase();
  switch (scheme) {
    case 'file':
      return (await import('./file/file-transport.js')).openFileTransport(network);
    case 'sftp':
      return (await import('./sftp/sftp-transport.js')).openSftpTransport(url, network);
    case 'ftp':
    case 'ftps':
    case 'ftpes':
      return (await import('./ftp/ftp-transport.js')).openFtpTransport(url, network);
    case 'http':
    case 'https':
      return (await import('./http/http-transport.js')).openHttpTransport(url, network);
    default:
      throw new ImgkitError('location-unsupported', `URLs that start with ${JSON.stringify(`${scheme ?? ''}://`)} are not supported; use sftp, ftp, ftps, ftpes, http, https or file.`, { found: scheme });
  }
}
