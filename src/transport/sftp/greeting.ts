import type { Socket } from 'node:net';
import { ImgkitError } from '../../errors.js';
import { oneLine } from '../../network/one-line.js';

/** Most that a server may say before it names its version, bytes. */
const LONGEST = 32 * 1024;
const LINE_FEED = 0x0a;
/** How others greet, who would now wait for us: mail and FTP, web, POP, IMAP, rsync. */
const ANOTHER_PROTOCOL = /^(?:[245]\d\d[ -]|HTTP\/|\+OK|\* OK|@RSYNCD:)/;

/**
 * Waits until the server names its version of SSH (RFC 4253, 4.2), and gives the socket on with that line still to be read, whole: `ssh2`
 * loses bytes of a line that comes in more than two pieces. Lines before it are skipped. Throws `network-failed` when the connection ends first, or
 * when this is no SSH server; `details.found` is what it said instead. Who calls it limits the time, and destroys the socket after an error.
 */
export async function awaitGreeting(socket: Socket, host: string): Promise<void> {
  let said: string | undefined;
  let total = 0;
  let line = Buffer.alloc(0);
  const refuse = (problem: string): ImgkitError => new ImgkitError('network-failed', `${host}: ${problem}.`, { file: host, found: said });
  /** True when the version was named. */
  const take = (chunk: Buffer): boolean => {
    total += chunk.length;
    line = Buffer.concat([line, chunk]);
    for (let end = line.indexOf(LINE_FEED); end !== -1; end = line.indexOf(LINE_FEED)) {
      const text = line.toString('latin1', 0, end);
      if (/^SSH-(?:2\.0|1\.99)-/.test(text)) return true;
      said ??= JSON.stringify(oneLine(text));
      if (text.startsWith('SSH-')) throw refuse(`the server speaks an old SSH only (${said}), which is not safe; it needs an update`);
      if (ANOTHER_PROTOCOL.test(text)) throw refuse(`this is no SSH server, for it says ${said}; check host and port`);
      line = line.subarray(end + 1);
    }
    if (total > LONGEST || line.includes(0)) throw refuse(`this is no SSH server, for it says something else${said === undefined ? '' : ` (${said})`}; check host and port`);
    return false;
  };
  await new Promise<void>((resolve, reject) => {
    const settle = (how: () => void): void => {
      socket.removeListener('data', onData).removeListener('end', onEnd).removeListener('close', onEnd).pause();
      how();
    };
    const onData = (chunk: Buffer): void => {
      try {
        if (!take(chunk)) return;
        settle(resolve);
        socket.unshift(line);
      } catch (error) {
        settle(() => reject(error as Error));
      }
    };
    const onEnd = (): void => {
      if (said === undefined && line.length > 0) said = JSON.stringify(oneLine(line.toString('latin1')));
      settle(() => reject(socket.errored ?? refuse(said === undefined ? 'the server closed the connection before it said anything; it may be busy, or not want this address: try again later' : `the server said ${said} and closed the connection; try again later, or check host and port`)));
    };
    // `readableEnded` and not only `destroyed`: an end that has been told already is not told again.
    if (socket.destroyed || socket.readableEnded) return onEnd();
    socket.on('data', onData).once('end', onEnd).once('close', onEnd).resume();
  });
}
