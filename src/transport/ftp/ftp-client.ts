import { Client, FTPContext } from 'basic-ftp';
import type { Socket } from 'node:net';

/** The longest line of a reply, characters. */
const LONGEST_LINE = 65_536;

/** basic-ftp takes what arrives at once for whole lines: `213 12` for a size of `213 12345`, when the network splits it there. */
class LineContext extends FTPContext {
  #rest = '';
  #from: Socket | undefined;

  protected override _onControlSocketData(chunk: string): void {
    // What came before TLS says nothing about what comes in it.
    const text = (this.#from === this.socket ? this.#rest : '') + chunk;
    this.#from = this.socket;
    const end = text.lastIndexOf('\n') + 1;
    this.#rest = text.slice(end);
    if (this.#rest.length > LONGEST_LINE) this.closeWithError(new Error('FTP control response exceeded maximum allowed size'));
    else if (end > 0) super._onControlSocketData(text.slice(0, end));
  }
}

/** basic-ftp's client, reading replies by whole lines. Load this module only where FTP is spoken. */
export class FtpClient extends Client {
  override readonly ftp: FTPContext;

  constructor(idle: number) {
    super(idle);
    this.ftp = new LineContext(idle);
  }
}
