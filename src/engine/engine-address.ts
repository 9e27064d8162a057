import { hidePassword } from '../content/hide-password.js';
import { join } from 'node:path';
import { homeFolder } from '../content/home-folder.js';
import { ImgkitError } from '../errors.js';

/** Where a Docker Engine listens. */
export interface EngineAddress {
  /** As DOCKER_HOST spells it. */
  readonly text: string;
  readonly origin: string;
  readonly socketPath?: string;
  /** Folder of `ca.pem`, `cert.pem` and `key.pem`: the connection is TLS. */
  readonly certificates?: string;
  /** The engine is reached through `ssh`, at this host. */
  readonly ssh?: { readonly host: string; readonly user?: string; readonly port?: string; /** The engine's socket there, when it is not the default one. */ readonly socket?: string };
}

/** Where an engine listens when nothing says otherwise. */
export const DEFAULT_ENGINE = 'unix:///var/run/docker.sock';

export interface EngineAddressOptions {
  /** For tcp: the folder of the files for TLS, undefined for none. */
  readonly certificates: string | undefined;
  /** Who says so, for messages. */
  readonly from: string;
}

/**
 * Reads an address as DOCKER_HOST spells it: `unix:///path`, `tcp://host:port` or `host:port` (by default TLS when DOCKER_TLS_VERIFY is
 * set, with the files of DOCKER_CERT_PATH or `~/.docker`), `ssh://[user@]host[:port][/path/of/socket]`. Throws `location-unsupported`, `location-invalid`.
 */
export function engineAddress(given: string, options: EngineAddressOptions = byEnvironment()): EngineAddress {
  const text = wholeAddress(given);
  if (text.startsWith('unix://')) return { text, origin: 'http://docker', socketPath: text.slice('unix://'.length) };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['tcp:', 'ssh:'].includes(url.protocol)) {
    const shown = hidePassword(text);
    throw new ImgkitError('location-unsupported', `The Docker engine address ${JSON.stringify(shown)} (${options.from}) is not supported: use unix:///path/to/docker.sock, tcp://HOST:PORT or ssh://USER@HOST.`, { file: shown });
  }
  const invalid = (shown: string, problem: string): ImgkitError => new ImgkitError('location-invalid', `The Docker engine address ${shown} (${options.from}) ${problem}.`, { file: shown });
  return url.protocol === 'ssh:' ? sshAddress(text, url, invalid) : tcpAddress(text, url, options.certificates, invalid);
}

/** What docker makes of one that leaves something out: `host:port` is tcp, a tcp address without a host is of this machine. */
function wholeAddress(text: string): string {
  if (text === 'unix://') return DEFAULT_ENGINE;
  const bare = /^(?:[\w.-]*|\[[\da-f:.]+\])(?::\d+)?$/i.test(text);
  return `${bare ? 'tcp://' : ''}${text}`.replace(/^tcp:\/\/(?=$|[:/])/, 'tcp://localhost');
}

function byEnvironment(): EngineAddressOptions {
  const { DOCKER_TLS_VERIFY: verify, DOCKER_CERT_PATH: folder } = process.env;
  return { certificates: verify ? folder || join(homeFolder(), '.docker') : undefined, from: 'DOCKER_HOST' };
}

type Invalid = (shown: string, problem: string) => ImgkitError;

function tcpAddress(text: string, { host, password, port, pathname }: URL, certificates: string | undefined, invalid: Invalid): EngineAddress {
  if (password !== '') throw invalid('tcp://...', 'holds a password, which no engine asks for; use certificates (DOCKER_TLS_VERIFY)');
  if (!URL.canParse(`http://${host}`)) throw invalid(text, 'names a host that is none');
  if (!['', '/'].includes(pathname)) throw invalid(text, 'has a path; an address is tcp://HOST:PORT');
  // The ports that Docker has for itself: 2375 in clear, 2376 with TLS.
  if (certificates === undefined) return { text, origin: `http://${host}${port === '' ? ':2375' : ''}` };
  return { text, origin: `https://${host}${port === '' ? ':2376' : ''}`, certificates };
}

function sshAddress(text: string, { hostname, username, password, port, pathname }: URL, invalid: Invalid): EngineAddress {
  if (password !== '') throw invalid('ssh://...', 'holds a password; use a key or the agent');
  const host = hostname.replace(/^\[|\]$/g, '');
  const decoded = (word: string): string => {
    try {
      return decodeURIComponent(word);
    } catch {
      throw invalid(text, 'has a % that stands for nothing');
    }
  };
  // Neither may be taken for an option of ssh.
  for (const word of [host, decoded(username)]) if (word.startsWith('-') || /[\s\0]/.test(word)) throw invalid(text, `has "${word}" for a name`);
  if (host === '') throw invalid(text, 'names no host');
  const socket = decoded(pathname).replace(/^\/$/, '');
  return { text, origin: 'http://docker', ssh: { host, ...(username && { user: decoded(username) }), ...(port && { port }), ...(socket && { socket }) } };
}
