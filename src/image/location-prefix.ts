import type { BareLocation } from './location.js';
import { locationInvalid, locationUnsupported } from './location-error.js';
import { storeLocation } from './location-store.js';
import { fullReference, parseReference } from './reference.js';

type Parse = (rest: string, text: string) => BareLocation;

/** Every prefix, in skopeo's spelling (containers-transports(5)), and those of skopeo that are refused. */
const PREFIXES: ReadonlyMap<string, Parse> = new Map<string, Parse>([
  ['docker://', parseRegistry],
  ['docker-daemon:', parseDaemon],
  ['docker-archive:', parseDockerArchive],
  ['oci-archive:', (rest, text) => parseOci('oci-archive', rest, text)],
  ['oci:', (rest, text) => parseOci('oci-layout', rest, text)],
  ['store:', storeLocation],
  ...['containers-storage:', 'dir:', 'ostree:', 'sif:', 'tarball:', 'atomic:'].map(
    (prefix): [string, Parse] => [prefix, (_, text) => { throw locationUnsupported(text); }],
  ),
]);

/** `text` as a location with a prefix, undefined when it has none. Throws like `parseLocation`. */
export function parsePrefixed(text: string): BareLocation | undefined {
  for (const [prefix, parse] of PREFIXES) {
    if (text.startsWith(prefix)) return parse(text.slice(prefix.length), text);
  }
  return undefined;
}

/** `USER[:PASSWORD]@` before a host, as in a URL; a digest comes after a name. */
const LOGIN = /^(?:https?:\/\/)?[^/@]*@(?!sha(?:256|512):)[^/@]+\//i;
const HOST_ALONE = /^(?:localhost|[^/:@]+\.[^/:@]+):\d{2,5}$/;

/** `HOST/NAME`; with a slash at the end, or nothing at all, no image but a place for images. */
function parseRegistry(rest: string, text: string): BareLocation {
  if (rest === '') return { kind: 'registry-host' };
  if (LOGIN.test(rest)) throw locationInvalid('docker://...', 'a login does not belong in a location; keep it with: imgkit login HOST');
  if (rest.endsWith('/')) {
    // What stands before the slash is right when a name behind it is.
    const { registry } = parseReference(`${rest}x`);
    if (!rest.startsWith(`${registry}/`)) throw locationInvalid(text, 'a place for images begins with a host; write docker://HOST[:PORT]/');
    return { kind: 'registry-host', under: rest };
  }
  // By the letter it is a tag of a library image; nobody means that.
  if (HOST_ALONE.test(rest)) throw locationInvalid(text, 'this is a host and a port, and no image; write docker://HOST:PORT/NAME[:TAG]');
  return { kind: 'registry', reference: fullReference(rest) };
}

function parseDaemon(rest: string): BareLocation {
  if (rest === '') return { kind: 'docker-daemon' };
  const id = /^(?:sha256:)?([a-f0-9]{64})$/.exec(rest)?.[1];
  return { kind: 'docker-daemon', reference: id === undefined ? fullReference(rest) : `sha256:${id}` };
}

/** `PATH[:NAME:TAG]` or `PATH:@N`. As in skopeo the first colon ends the path. */
function parseDockerArchive(rest: string, text: string): BareLocation {
  const [path, name] = splitPath(rest, text);
  if (name === undefined) return { kind: 'docker-archive', path };
  if (!name.startsWith('@')) return { kind: 'docker-archive', path, reference: fullReference(name) };
  if (!/^@(?:0|[1-9]\d{0,8})$/.test(name)) throw locationInvalid(text, 'an image is picked by its position as PATH:@N, counted from 0');
  return { kind: 'docker-archive', path, index: Number(name.slice(1)) };
}

function parseOci(kind: 'oci-archive' | 'oci-layout', rest: string, text: string): BareLocation {
  const [path, ref] = splitPath(rest, text);
  return { kind, path, ...(ref !== undefined && { ref }) };
}

function splitPath(rest: string, text: string): readonly [string, string | undefined] {
  const colon = rest.indexOf(':');
  const path = colon === -1 ? rest : rest.slice(0, colon);
  if (path === '') throw locationInvalid(text, 'the path is missing; write it behind the colon');
  // Taken as it stands, it would make a folder called ~, and who takes that away in a shell takes away another.
  if (/^~(?:\/|$)/.test(path)) throw locationInvalid(text, `shells leave ~ as it is behind a colon; write $HOME${path.slice(1)}, or ./${path} for what is called so here`);
  return [path, colon === -1 ? undefined : rest.slice(colon + 1) || undefined];
}
