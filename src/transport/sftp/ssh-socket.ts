import { connect, type Socket } from 'node:net';

/** Bytes that one call of the system may bring: eight packets of data. */
const LARGE = 256 * 1024;
/** As Node reads, who does not ask for more. */
const USUAL = 64 * 1024;

/**
 * A TCP connection for `ssh2`, which takes what comes from `data` events. Once it is known to keep nothing of what it is given, all is read
 * into one piece of memory, as much at a time as there is: else every byte of a download is once more in memory that has to be
 * collected, and most packets come in two parts, which are joined in yet another piece.
 */
export class SshSocket {
  readonly socket: Socket;
  #reused: Buffer | undefined;

  constructor(host: string, port: number) {
    const room = (): Buffer => this.#reused ?? Buffer.allocUnsafeSlow(USUAL);
    const took = (count: number, buffer: Uint8Array): boolean => this.socket.emit('data', Buffer.from(buffer.buffer, buffer.byteOffset, count));
    this.socket = connect({ host, port, noDelay: true, keepAlive: true, onread: { buffer: room, callback: took } });
  }

  /** `cipher` is how the server's packets are decrypted from now on: that of AES-GCM copies what it cannot use yet, others may keep it. */
  decryptsWith(cipher: string): void {
    this.#reused = /^aes\d+-gcm@openssh\.com$/.test(cipher) ? Buffer.allocUnsafeSlow(LARGE) : undefined;
  }
}
