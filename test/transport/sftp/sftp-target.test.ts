import { userInfo } from 'node:os';
import test from 'ava';
import { algorithms, HOST_KEY_TYPES } from '../../../src/transport/sftp/algorithms.js';
import { parseFingerprint, readHostKey } from '../../../src/transport/sftp/host-key.js';
import { knownHostsName, parseSftpTarget } from '../../../src/transport/sftp/sftp-target.js';

for (const [url, host, port, user, origin, known] of [
  ['sftp://me@Host.Example/a/b', 'host.example', 22, 'me', 'sftp://me@host.example', 'host.example'],
  ['sftp://me@host:2222', 'host', 2222, 'me', 'sftp://me@host:2222', '[host]:2222'],
  ['sftp://me%40work@[::1]:2222/', '::1', 2222, 'me@work', 'sftp://me%40work@[::1]:2222', '[::1]:2222'],
  ['sftp://host', 'host', 22, userInfo().username, `sftp://${encodeURIComponent(userInfo().username)}@host`, 'host'],
  ['sftp://me@bücher.example', 'xn--bcher-kva.example', 22, 'me', 'sftp://me@xn--bcher-kva.example', 'xn--bcher-kva.example'],
] as const) {
  test(`${url} is taken apart`, (t) => {
    const target = parseSftpTarget(url);
    t.like(target, { host, port, user, origin });
    t.is(knownHostsName(target), known);
  });
}

for (const url of ['', 'sftp://', 'ftp://host', 'sftp://me:secret@host', 'sftp://me@ho st', 'sftp://me@host:0', 'sftp://a%0Ab@host', 'sftp://%zz@host', 'sftp://-oProxyCommand=x/']) {
  test(`${JSON.stringify(url)} is refused, without its password`, (t) => {
    const error = t.throws(() => parseSftpTarget(url), { code: 'location-invalid' });
    t.false(error?.message.includes('secret'));
  });
}

test('a fingerprint: the form of ssh-keygen and no other', (t) => {
  const good = 'SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU';
  t.is(parseFingerprint(good), good);
  t.is(parseFingerprint(`${good}=`), good);
  for (const bad of ['', good.slice(7), `${good}A`, good.toLowerCase(), 'MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48']) t.throws(() => parseFingerprint(bad), { code: 'usage' });
});

test('a host key: type and fingerprint as ssh-keygen says; garbage is none', (t) => {
  const blob = Buffer.from('AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl', 'base64');
  t.like(readHostKey(blob), { type: 'ssh-ed25519', fingerprint: 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU' });
  for (const bad of [Buffer.alloc(0), Buffer.alloc(4), Buffer.from([0, 0, 0, 9, 65]), Buffer.from([255, 255, 255, 255, 65]), Buffer.from([0, 0, 0, 1, 10])]) t.is(readHostKey(bad), undefined);
});

test('algorithms: nothing with SHA-1, CBC or compression; known types first; as few types as asked for', (t) => {
  const all = algorithms([]);
  const names = Object.values(all).flat().map(String);
  t.deepEqual(names.filter((name) => /sha1|cbc|arcfour|md5|ssh-rsa|ssh-dss|zlib|group1-/.test(name)), []);
  t.is((all.cipher as string[])[0], 'aes128-gcm@openssh.com');
  t.deepEqual((algorithms(['ssh-rsa']).serverHostKey as string[]).slice(0, 3), ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-ed25519']);
  t.deepEqual(algorithms(['ssh-ed25519'], ['ssh-rsa']).serverHostKey as string[], ['rsa-sha2-512', 'rsa-sha2-256']);
  t.is(HOST_KEY_TYPES.length, 5);
});
