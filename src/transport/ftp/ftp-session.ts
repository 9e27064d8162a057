import type { Client } from 'basic-ftp';
import type { Socket } from 'node:net';

/** One control connection, logged in, in binary mode, with protected data connections where it is protected itself. */
export interface FtpSession {
  readonly client: Client;
  /** What FEAT lists: names in capitals, the first word after each. */
  readonly features: ReadonlyMap<string, string>;
  /** Milliseconds that the server may be silent. */
  readonly idle: number;
  /** Which command opened the last data connection. */
  passive?: 'EPSV' | 'PASV' | undefined;
  /** The last data connection. */
  data?: Socket | undefined;
  /** A transfer was begun of whose end the server has not told yet. */
  underWay?: boolean | undefined;
}

/** Ends both connections at once; what is under way fails. Safe to call twice. */
export function endFtpSession({ client, data }: FtpSession): void {
  data?.destroy();
  client.close();
}
