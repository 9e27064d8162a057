import { invalidChange } from './invalid-change.js';

/** An address and a port of the host before it, as `docker run -p` takes them, mean nothing here. */
const PORTS = /^(?:(?:\d{1,3}(?:\.\d{1,3}){3}|\[[\da-f:]+\])?:)?(?:\d{0,5}(?:-\d{1,5})?:)?(\d{1,5})(?:-(\d{1,5}))?(?:\/([a-z]+))?$/i;
const PROTOCOLS = new Set(['tcp', 'udp', 'sctp']);

/** `8080`, `53/udp` or `7000-7002/tcp` as the keys of `ExposedPorts`: one `PORT/PROTOCOL` each. Throws `usage`. */
export function exposedPorts(spec: string, instruction: string): readonly string[] {
  const [, from, to = from, protocol = 'tcp'] = PORTS.exec(spec) ?? [];
  const [first, last] = [Number(from), Number(to)];
  if (from === undefined || first > last || last > 65_535 || !PROTOCOLS.has(protocol.toLowerCase())) {
    throw invalidChange(instruction, `${JSON.stringify(spec)} is no port; write PORT[-PORT][/tcp|udp|sctp]`);
  }
  return Array.from({ length: last - first + 1 }, (_, i) => `${first + i}/${protocol.toLowerCase()}`);
}
