import { createHmac } from 'node:crypto';
import { sameKey } from './host-key.js';

/**
 * True when `hosts`, the first field of a known_hosts line, means `name` (`host` or `[host]:port`): a hashed name
 * (`|1|salt|hash`, HMAC-SHA1), or patterns with `*` and `?`, of which none that starts with `!` may match.
 */
export function matchesHost(hosts: string, name: string): boolean {
  const wanted = name.toLowerCase();
  if (hosts.startsWith('|')) return matchesHashed(hosts, wanted);
  let matched = false;
  for (const pattern of hosts.toLowerCase().split(',')) {
    const negated = pattern.startsWith('!');
    if (!matchesPattern(negated ? pattern.slice(1) : pattern, wanted)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

function matchesHashed(hosts: string, name: string): boolean {
  const [, version, salt, hash, ...rest] = hosts.split('|');
  if (version !== '1' || salt === undefined || hash === undefined || rest.length > 0) return false;
  return sameKey(createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest(), Buffer.from(hash, 'base64'));
}

/** `*` is any text, `?` any one character. Goes back only to the last `*`: never slow, whatever the pattern. */
function matchesPattern(pattern: string, text: string): boolean {
  let p = 0;
  let star = -1;
  let mark = 0;
  for (let t = 0; t < text.length;) {
    if (p < pattern.length && (pattern[p] === '?' || (pattern[p] !== '*' && pattern[p] === text[t]))) {
      p += 1;
      t += 1;
    } else if (pattern[p] === '*') {
      star = p;
      mark = t;
      p += 1;
    } else if (star !== -1) {
      p = star + 1;
      mark += 1;
      t = mark;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length && pattern !== '';
}
