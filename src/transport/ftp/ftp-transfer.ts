import type { FTPResponse } from 'basic-ftp';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { certificateProblem } from '../../network/tls-error.js';
import { openDataConnection } from './ftp-data-connection.js';
import { isFtpReply } from './ftp-error.js';
import { endFtpSession, type FtpSession } from './ftp-session.js';
import type { SocketInbox } from './socket-inbox.js';

/** More than any server says about one transfer; one that goes on and on does not keep us. */
const MOST_REPLIES = 100;
/** How long the last word about a transfer that we ended may take before the connection is given up, milliseconds. */
const LAST_WORD = 3000;
/** How long before it is asked for. */
const FIRST_WORD = 200;
/** The answer to NOOP. */
const IN_STEP = 200;

/** A transfer that the server began. */
export interface FtpTransfer {
  readonly data: Socket;
  /** What arrives on it. */
  readonly inbox: SocketInbox;
  /** When the data connection is ready to be written to; see `DataConnection`. */
  readonly secured: Promise<void>;
  /** The final reply. It is claimed, not proven, that all went well. Rejects with the server's refusal or the connection's end. */
  readonly completed: Promise<FTPResponse>;
  /** When no more data is wanted: from now on only the answer to a NOOP, sent by this, completes it. */
  askToEnd(): void;
}

/** Opens a data connection and sends `command`, after `REST offset` where that is not 0. Resolves when the server begins. */
export async function beginTransfer(session: FtpSession, command: string, offset = 0): Promise<FtpTransfer> {
  const { client: { ftp }, idle } = session;
  const { socket: data, inbox, secured } = await openDataConnection(session, idle);
  try {
    if (offset > 0) await ftp.request(`REST ${offset}`);
    let ending = false;
    let completed: Promise<FTPResponse> | undefined;
    await new Promise<void>((begun, refused) => {
      let replies = 0;
      completed = ftp.handle(command, (reply, task) => {
        replies += 1;
        if (replies > MOST_REPLIES) throw new Error('the server answers without an end');
        // Whatever is said about a transfer that we ended, what counts is the answer to NOOP.
        if (ending && (isFtpReply(reply) || !(reply instanceof Error))) {
          if (reply.code === IN_STEP) task.resolve(reply);
        } else if (reply instanceof Error) task.reject(reply);
        else if (reply.code >= 300) throw new Error(`the server asks for something that we do not have (${reply.code})`);
        else if (reply.code >= 200) task.resolve(reply);
        else if (reply.code === 125 || reply.code === 150) {
          // From here on it is the data connection that must not be silent.
          ftp.socket.setTimeout(0);
          begun();
        }
      }) as Promise<FTPResponse>;
      session.underWay = true;
      completed.then(() => {
        session.underWay = false;
        begun();
      }, (error: Error) => {
        session.underWay = false;
        // Without the control connection the data connection is nothing, even while it lives.
        if (!isFtpReply(error)) data.destroy(error);
        refused(error);
      });
    });
    if (completed === undefined) throw new Error('unreachable');
    const askToEnd = (): void => {
      ending = true;
      ftp.send('NOOP');
    };
    return { data, inbox, secured, completed, askToEnd };
  } catch (error) {
    data.destroy();
    throw error;
  }
}

/** The final reply, once no more data is to come. */
export async function finishTransfer({ client: { ftp }, idle }: FtpSession, { completed }: FtpTransfer): Promise<FTPResponse> {
  ftp.socket.setTimeout(idle);
  try {
    return await completed;
  } finally {
    ftp.socket.setTimeout(0);
  }
}

/**
 * What the server says about a transfer whose data connection broke; undefined when it says nothing within `patience`. A full
 * disk shows as a reset first, and is told apart only here.
 */
async function replyAfterBreak({ completed }: FtpTransfer, patience = LAST_WORD): Promise<FTPResponse | Error | undefined> {
  const timer = new AbortController();
  const late = delay(patience, undefined, { signal: timer.signal }).catch(() => undefined);
  const reply = await Promise.race([completed.catch((error: unknown) => (error instanceof Error ? error : undefined)), late]);
  timer.abort();
  return reply ?? undefined;
}

/** Why the data connection of a transfer broke: the server's own words if it has any, unless it was us who did not believe its certificate. */
export async function whyBroken(transfer: FtpTransfer, error: unknown): Promise<unknown> {
  const reply = await replyAfterBreak(transfer);
  const { errored } = transfer.data;
  if (certificateProblem(String((errored as NodeJS.ErrnoException | null)?.code)) !== undefined) return errored;
  return reply instanceof Error ? reply : error;
}

/**
 * Ends a transfer that nobody wants to its end, and keeps the session if the server keeps step; else the session ends too.
 * A server says one thing about it (vsftpd, proftpd), more, or nothing at all (pure-ftpd).
 */
export async function abandonTransfer(session: FtpSession, transfer: FtpTransfer): Promise<void> {
  transfer.data.destroy();
  const said = await replyAfterBreak(transfer, FIRST_WORD);
  try {
    if (said !== undefined) {
      if (said instanceof Error && !isFtpReply(said)) throw said;
      if ((await session.client.send('NOOP')).code !== IN_STEP) throw new Error('out of step');
    } else {
      transfer.askToEnd();
      const answer = await replyAfterBreak(transfer);
      if (answer === undefined || answer instanceof Error) throw answer ?? new Error('no answer');
    }
  } catch {
    endFtpSession(session);
  }
}
