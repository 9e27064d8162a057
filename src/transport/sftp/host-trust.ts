import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { homeFolder } from '../../content/home-folder.js';
import { fromSystemError, ImgkitError } from '../../errors.js';
import type { NetworkOptions } from '../../network/network-options.js';
import { parseFingerprint, sameKey, type HostKey } from './host-key.js';
import { parseKnownHosts, type KnownHost } from './known-hosts.js';
import { matchesHost } from './match-host.js';
import { knownHostsName, type SftpTarget } from './sftp-target.js';

/** Decides which host key is believed. */
export interface HostTrust {
  /** Undefined when the host is who it should be; else the error (`host-untrusted`) that says what to do. */
  refusal(key: HostKey): ImgkitError | undefined;
  /** Key types that are known of this host: to be asked for first. */
  readonly knownTypes: readonly string[];
  /** The type of the believed key is not known: others may be asked for after a refusal. */
  readonly anyType: boolean;
}

/**
 * What to believe of `target`: the pinned `network.hostKey` alone, else what known_hosts says.
 * Throws `usage` (a malformed fingerprint), `file-not-found` (a named file), `io-failed`.
 */
export async function hostTrust(target: SftpTarget, network: NetworkOptions): Promise<HostTrust> {
  if (network.hostKey !== undefined) return pinned(target, parseFingerprint(network.hostKey));
  return fromKnownHosts(target, await readKnownHosts(network.knownHosts));
}

async function readKnownHosts(named: string | undefined): Promise<readonly KnownHost[]> {
  const files = named === undefined ? [join(homeFolder(), '.ssh', 'known_hosts'), '/etc/ssh/ssh_known_hosts'] : [named];
  const entries: KnownHost[] = [];
  for (const file of files) {
    try {
      entries.push(...parseKnownHosts(await readFile(file, 'utf8'), file));
    } catch (error) {
      if (named === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      throw fromSystemError(error, file, 'reading the known hosts');
    }
  }
  return entries;
}

function pinned(target: SftpTarget, fingerprint: string): HostTrust {
  return {
    knownTypes: [],
    anyType: true,
    refusal: (key) => key.fingerprint === fingerprint ? undefined : untrusted(target, key, fingerprint,
      `has the ${key.type} host key ${key.fingerprint}, not the pinned ${fingerprint}. It may be another host, or somebody in between who reads along: ask its owner for the fingerprint before you change --host-key`),
  };
}

/** The decision by the lines of known_hosts. */
export function fromKnownHosts(target: SftpTarget, entries: readonly KnownHost[]): HostTrust {
  const name = knownHostsName(target);
  const about = entries.filter(({ hosts }) => matchesHost(hosts, name));
  const revoked = about.filter(({ marker }) => marker === 'revoked');
  const known = about.filter(({ marker }) => marker === undefined);
  const authority = about.find(({ marker }) => marker === 'cert-authority');
  return {
    knownTypes: [...new Set(known.map(({ key }) => key.type))],
    anyType: false,
    refusal(key) {
      const ban = revoked.find((entry) => sameKey(entry.key.blob, key.blob));
      if (ban !== undefined) return untrusted(target, key, undefined, `has the ${key.type} host key ${key.fingerprint}, which ${ban.place} marks as revoked: whoever has it may be an impostor. Do not go on; ask its owner`);
      if (known.some((entry) => sameKey(entry.key.blob, key.blob))) return undefined;
      const former = known.find((entry) => entry.key.type === key.type) ?? known[0];
      if (former?.key.type === key.type) {
        return untrusted(target, key, former.key.fingerprint, `has another host key than before: ${key.type} ${key.fingerprint}, but ${former.place} says ${former.key.fingerprint}. Either the server was installed anew, or SOMEBODY IS IN BETWEEN who reads along. Ask its owner for the fingerprint; only if it is the new one, remove that line (ssh-keygen -R ${quoted(name)}) and add the new key`);
      }
      const hint = authority === undefined ? '' : ` (${authority.place} names a certificate authority for it, but host certificates are not supported)`;
      const other = former === undefined ? 'is not known' : `shows a key of another type than the ${former.key.type} in ${former.place}`;
      return untrusted(target, key, former?.key.fingerprint, `${other}${hint}: its ${key.type} host key is ${key.fingerprint}. Compare that with what its owner says, then accept it with --host-key ${key.fingerprint}, or add it to known_hosts (ssh-keyscan${target.port === 22 ? '' : ` -p ${target.port}`} ${target.host})`);
    },
  };
}

function untrusted(target: SftpTarget, key: HostKey, expected: string | undefined, what: string): ImgkitError {
  return new ImgkitError('host-untrusted', `${target.origin}: the server ${what}.`, { file: target.origin, found: `${key.type} ${key.fingerprint}`, expected });
}

function quoted(name: string): string {
  return name.startsWith('[') ? `'${name}'` : name;
}
