import test from 'ava';
import { parseRemoteUrl } from '../../src/transport/remote-url.js';

test('a path leads where it says: what a URL library would resolve to another place is refused', (t) => {
  for (const [url, path] of [['sftp://h/~/a/../b', '/~/b'], ['sftp://h/%7E/a', '/~/a'], ['sftp://h/~', '/~'], ['sftp://h/~x/../a', '/a'], ['https://h/~/../a', '/a'], ['sftp://h/a/../~/b', '/~/b']] as const) t.is(parseRemoteUrl(url).path, path, url);
  for (const url of ['sftp://h/~/../b', 'sftp://me@h:22/~/..', 'sftp://h/%7e/../~x', 'SFTP://h/~/a/../../b/', 'https://h/a/..%2Fb']) t.throws(() => parseRemoteUrl(url), { code: 'location-invalid', message: /write where it leads/ }, url);
});
