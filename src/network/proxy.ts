import { BlockList, isIP } from 'node:net';
import { ImgkitError } from '../errors.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for `url` by `https_proxy`, `http_proxy`, `all_proxy` and `no_proxy` (or in capitals), read as curl and Go do;
 * undefined: straight. Loopback is always straight. Throws `usage` for a proxy that is no URL, naming the variable only.
 */
export function proxyFor(url: URL, environment: Environment = process.env): string | undefined {
  const scheme = url.protocol.slice(0, -1);
  const name = [`${scheme}_proxy`, `${scheme.toUpperCase()}_PROXY`, 'all_proxy', 'ALL_PROXY'].find((each) => environment[each]);
  if (name === undefined || isLoopback(url) || isExcepted(url, environment['no_proxy'] || environment['NO_PROXY'] || '')) return undefined;
  const value = environment[name] ?? '';
  const proxy = value.includes('://') ? value : `http://${value}`;
  const parsed = URL.canParse(proxy) ? new URL(proxy) : undefined;
  if (parsed === undefined || parsed.hostname === '' || !/^https?:$/.test(parsed.protocol)) {
    throw new ImgkitError('usage', `$${name} is no proxy that can be used: write http://HOST:PORT or https://HOST:PORT (SOCKS is not supported), or except this host with $no_proxy.`);
  }
  return proxy;
}

function isLoopback(url: URL): boolean {
  const host = bare(url.hostname);
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Entries are hosts (which include what is below them), `.suffix`, `*`, addresses and networks, each maybe with `:port`. */
function isExcepted(url: URL, list: string): boolean {
  const host = bare(url.hostname);
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return list.split(/[\s,]+/).filter((entry) => entry !== '').some((entry) => {
    if (entry === '*') return true;
    const [, name = entry, onlyPort] = /^(\[[^\]]+\]|[^:]+):(\d+)$/.exec(entry) ?? [];
    if (onlyPort !== undefined && onlyPort !== port) return false;
    return matches(host, bare(name.toLowerCase()));
  });
}

function matches(host: string, entry: string): boolean {
  if (entry.includes('/')) return isIP(host) !== 0 && inNetwork(host, entry);
  if (isIP(host) !== 0) return host === entry;
  const name = entry.replace(/^\*/, '');
  return name.startsWith('.') ? host.endsWith(name) : host === name || host.endsWith(`.${name}`);
}

function inNetwork(host: string, network: string): boolean {
  const [address = '', bits = ''] = network.split('/');
  const kind = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0 || isIP(address) !== isIP(host) || !/^\d{1,3}$/.test(bits) || Number(bits) > (kind === 'ipv6' ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(address, Number(bits), kind);
  return list.check(host, kind);
}

function bare(host: string): string {
  return host.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}
