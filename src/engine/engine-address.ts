import { homedir } from 'node:os';
import { join } from 'node:path';
import { ImgkitError } from '../errors.js';

/** Where a Docker Engine listens. */
export interface EngineAddress {
  /** As in DOCKER_HOST. */
  readonly text: string;
  readonly origin: string;
  readonly socketPath?: string;
  /** Folder of `ca.pem`, `cert.pem` and `key.pem`: the connection is TLS. */
  readonly certificates?: string;
  /** The engine is reached through `ssh`, at this host. */
  readonly ssh?: { readonly host: string; readonly user?: string; readonly port?: string; /** The engine's socket there, when it is not the default one. */ readonly socket?: string };
}

const DEFAULT_HOST = 'unix:///var/run/docker.sock';

/**
 * Reads an address as DOCKER_HOST spells it: `unix:///path`, `tcp://host:port` (TLS when DOCKER_TLS_VERIFY is set, with the
 * files of DOCKER_CERT_PATH or `~/.docker`), `ssh://[user@]host[:port][/path/of/socket]`. Throws `location-unsupported`, `location-invalid`.
 */
export function engineAddress(text = process.env['DOCKER_HOST'] || DEFAULT_HOST): EngineAddress {
  if (text.startsWith('unix://')) return { text, origin: 'http://docker', socketPath: text.slice('unix://'.length) };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['tcp:', 'ssh:'].includes(url.protocol)) {
    throw new ImgkitError('location-unsupported', `The Docker engine address ${JSON.stringify(text)} (DOCKER_HOST) is not supported: use unix:///path/to/docker.sock, tcp://HOST:PORT or ssh://USER@HOST.`, { file: text });
  }
  return url.protocol === 'ssh:' ? sshAddress(text, url) : tcpAddress(text, url);
}

function tcpAddress(text: string, { host, port, pathname }: URL): EngineAddress {
  if (!['', '/'].includes(pathname)) throw invalid(text, 'has a path; an address is tcp://HOST:PORT');
  const verify = Boolean(process.env['DOCKER_TLS_VERIFY']);
  // The ports that Docker has for itself: 2375 in clear, 2376 with TLS.
  const origin = `${verify ? 'https' : 'http'}://${host}${port === '' ? (verify ? ':2376' : ':2375') : ''}`;
  return verify ? { text, origin, certificates: process.env['DOCKER_CERT_PATH'] || join(homedir(), '.docker') } : { text, origin };
}

function sshAddress(text: string, { hostname, username, password, port, pathname }: URL): EngineAddress {
  if (password !== '') throw invalid('ssh://...', 'holds a password; use a key or the agent');
  const host = hostname.replace(/^\[|\]$/g, '');
  // Neither may be taken for an option of ssh.
  for (const word of [host, decodeURIComponent(username)]) if (word.startsWith('-') || /[\s\0]/.test(word)) throw invalid(text, `has "${word}" for a name`);
  if (host === '') throw invalid(text, 'names no host');
  const socket = decodeURIComponent(pathname).replace(/^\/$/, '');
  return { text, origin: 'http://docker', ssh: { host, ...(username && { user: decodeURIComponent(username) }), ...(port && { port }), ...(socket && { socket }) } };
}

function invalid(text: string, problem: string): ImgkitError {
  return new ImgkitError('location-invalid', `The Docker engine address ${text} (DOCKER_HOST) ${problem}.`, { file: text });
}
