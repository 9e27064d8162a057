import { ImgkitError } from '../../errors.js';
import type { SftpTarget } from './sftp-target.js';

/**
 * Why a single word is no host, though `ssh` may know it: as an alias in its configuration, which is not read here. Undefined for another error,
 * or for a full name.
 */
export function unknownHost(error: unknown, { host, origin }: Pick<SftpTarget, 'host' | 'origin'>): ImgkitError | undefined {
  if (/[.:]/.test(host) || !/^(?:ENOTFOUND|ENODATA|EAI_[A-Z]+)$/.test(String((error as NodeJS.ErrnoException).code))) return undefined;
  return new ImgkitError('network-unreachable', `${origin}: there is no such host; check the name. If it is an alias of ~/.ssh/config, which is not read: \`ssh -G ${host}\` shows the host, port, user and key to write in its place.`, { file: origin }, { cause: error });
}
