import { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { buildConnector } from 'undici';
import { LendingSocket } from './lending-socket.js';

/**
 * undici's own way to connect, with or without TLS, to sockets that lend what they read: see {@link LendingSocket}. A socket is in
 * `connecting` until it is connected: undici forgets it when nobody waits for it any more, and it would keep the process up to the end of its time.
 */
export function lendingConnector(build: typeof buildConnector, options: buildConnector.BuildOptions, connecting: Set<Socket>): buildConnector.connector {
  // Each socket has memory of its own, and so a connector, which forgets the TLS session that would spare the next a handshake.
  const sessions = new Map<string, Buffer>();
  return (target, callback) => {
    const lending = new LendingSocket();
    const name = target.servername ?? target.hostname;
    const session = sessions.get(name);
    const begun: unknown = build({ ...options, onread: lending.onread, ...(session !== undefined && { session }) })(target, (...[error, socket]) => {
      if (error !== null) return callback(error, null);
      lending.attach(socket);
      if (isTls(socket)) {
        const known = socket.getSession();
        if (known !== undefined) sessions.set(name, known);
        socket.on('session', (fresh) => sessions.set(name, fresh));
      }
      callback(null, socket);
    });
    // Its types do not say that it returns the socket.
    if (!(begun instanceof Socket)) return;
    connecting.add(begun);
    for (const event of [isTls(begun) ? 'secureConnect' : 'connect', 'close']) begun.once(event, () => connecting.delete(begun));
  };
}

function isTls(socket: Socket | TLSSocket): socket is TLSSocket {
  return 'encrypted' in socket;
}
