import { readHostKey, type HostKey } from './host-key.js';

/** One line of a known_hosts file. */
export interface KnownHost {
  /** `revoked`: this key is never to be believed. `cert-authority`: a key that signs host keys, which is not supported here. */
  readonly marker?: 'revoked' | 'cert-authority' | undefined;
  /** Comma-separated patterns, or one hashed name. */
  readonly hosts: string;
  readonly key: HostKey;
  /** `file:line`, for people. */
  readonly place: string;
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * The lines of a known_hosts file that can be understood (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). Like OpenSSH it leaves out what is
 * malformed: a line less is one host less that is believed. Comments at the end of a line are ignored.
 */
export function parseKnownHosts(text: string, file: string): readonly KnownHost[] {
  const entries: KnownHost[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const entry = parseLine(line.trim());
    if (entry !== undefined) entries.push({ ...entry, place: `${file}:${index + 1}` });
  }
  return entries;
}

function parseLine(line: string): Omit<KnownHost, 'place'> | undefined {
  if (line === '' || line.startsWith('#')) return undefined;
  const fields = line.split(/[ \t]+/);
  const marked = line.startsWith('@') ? fields.shift() : undefined;
  if (marked !== undefined && marked !== '@revoked' && marked !== '@cert-authority') return undefined;
  const [hosts, type, base64] = fields;
  if (hosts === undefined || type === undefined || base64 === undefined || !BASE64.test(base64)) return undefined;
  const key = readHostKey(Buffer.from(base64, 'base64'));
  // The type stands in the line and in the key; a line that contradicts itself says nothing.
  if (key === undefined || key.type !== type) return undefined;
  return { hosts, key, ...(marked !== undefined && { marker: marked === '@revoked' ? 'revoked' : 'cert-authority' }) };
}
