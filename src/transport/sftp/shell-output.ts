import { oneLine } from '../../network/one-line.js';

/**
 * The first characters that the shell of a user printed where SFTP should begin, by what `ssh2` says of the packet that this is none; undefined
 * when its complaint is another.
 */
export function shellOutput(complaint: string): string | undefined {
  const length = Number(/Packet length (\d{1,10}) exceeds max length/.exec(complaint)?.[1]);
  if (!(length >= 0 && length < 2 ** 32)) return undefined;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  const text = bytes.toString('latin1');
  return /^[\t\n\r\u001b -~]{4}$/.test(text) ? oneLine(text) : undefined;
}
