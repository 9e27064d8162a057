import { createHmac } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import { readHostKey, type HostKey } from '../../../src/transport/sftp/host-key.js';
import { fromKnownHosts } from '../../../src/transport/sftp/host-trust.js';
import { parseKnownHosts } from '../../../src/transport/sftp/known-hosts.js';
import { matchesHost } from '../../../src/transport/sftp/match-host.js';
import { parseSftpTarget } from '../../../src/transport/sftp/sftp-target.js';

const target = parseSftpTarget('sftp://me@host.example:2222');

/** A key that has the outer form of one. */
function key(type: string, seed: number): HostKey {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  const found = readHostKey(Buffer.concat([length, Buffer.from(type), Buffer.alloc(40, seed)]));
  if (found === undefined) throw new Error('no key');
  return found;
}

const line = (hosts: string, { type, blob }: HostKey, rest = ''): string => `${hosts} ${type} ${blob.toString('base64')}${rest}\n`;
const hashed = (name: string): string => {
  const salt = Buffer.from('a salt of 20 bytes..');
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
};
const ed = key('ssh-ed25519', 1);
const ed2 = key('ssh-ed25519', 2);
const rsa = key('ssh-rsa', 3);
const trust = (text: string): ReturnType<typeof fromKnownHosts> => fromKnownHosts(target, parseKnownHosts(text, 'known'));

test('lines: comments, blanks, markers, several hosts and keys; what is malformed is left out', (t) => {
  const text = [
    '# a comment', '', '   ', line('a,b', ed, ' me@there since 2020'), line('\ta', rsa), `@revoked ${line('c', ed)}`, `@cert-authority ${line('*.d', rsa)}`,
    `@unknown ${line('e', ed)}`, 'f ssh-ed25519', 'g ssh-ed25519 not!base64', line('h', ed).replace('ssh-ed25519', 'ssh-rsa'), '1024 35 1234567 old', 'i ssh-ed25519 AAAA', line('j', ed).trim() + '\r',
  ].join('\n');
  t.deepEqual(parseKnownHosts(text, 'file').map(({ hosts, marker, key: { type } }) => [hosts, marker, type]), [
    ['a,b', undefined, 'ssh-ed25519'], ['a', undefined, 'ssh-rsa'], ['c', 'revoked', 'ssh-ed25519'], ['*.d', 'cert-authority', 'ssh-rsa'], ['j', undefined, 'ssh-ed25519'],
  ]);
  t.is(parseKnownHosts(line('x', ed), 'file')[0]?.place, 'file:1');
});

for (const [hosts, name, expected] of [
  ['host', 'host', true], ['HOST', 'Host', true], ['host', 'hosts', false], ['hosts', 'host', false], ['', '', false],
  ['[host]:2222', '[host]:2222', true], ['host', '[host]:2222', false], ['[host]:2222', 'host', false],
  ['*.example', 'a.b.example', true], ['*.example', 'example', false], ['h?st', 'host', true], ['h?st', 'hst', false], ['*', 'anything', true],
  ['*.example,!bad.example', 'good.example', true], ['*.example,!bad.example', 'bad.example', false], ['!bad.example,*.example', 'bad.example', false], ['!bad', 'good', false],
  ['10.0.0.?,::1', '::1', true], [hashed('host'), 'host', true], [hashed('host'), 'HOST', true], [hashed('host'), 'other', false], [hashed('[host]:2222'), '[host]:2222', true],
  [hashed('host').replace('|1|', '|2|'), 'host', false], [`${hashed('host')}|x`, 'host', false], ['|1|', '', false],
  [`${'*a'.repeat(20)}*b`, 'a'.repeat(5000), false],
] as const) {
  test(`host pattern ${JSON.stringify(hosts.slice(0, 40))} and ${JSON.stringify(name.slice(0, 40))}: ${expected ? 'match' : 'no match'}`, (t) => {
    t.is(matchesHost(hosts, name), expected);
  });
}

test('any text is parsed without an error, and only a line with the very key is believed', (t) => {
  const part = fc.oneof(fc.string(), fc.constantFrom('host.example', '[host.example]:2222', '*', '@revoked', ed.type, ed.blob.toString('base64'), ' ', '\n', '|1|'));
  fc.assert(fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
    const text = parts.join(' ').replaceAll(' \n ', '\n');
    const believed = fromKnownHosts(target, parseKnownHosts(text, 'known')).refusal(ed) === undefined;
    if (believed && !text.includes(ed.blob.toString('base64'))) throw new Error('believed without the key');
  }), { numRuns: 300 });
  t.pass();
});

test('a pattern without wildcards matches itself and nothing else', (t) => {
  const name = fc.stringMatching(/^[a-z0-9.-]{1,20}$/);
  fc.assert(fc.property(name, name, (a, b) => matchesHost(a, b) === (a === b)));
  fc.assert(fc.property(name, name, (a, b) => matchesHost(hashed(a), b) === (a === b)));
  fc.assert(fc.property(name, name, name, (a, b, c) => matchesHost(`${a}*${c}`, `${a}${b}${c}`)));
  t.pass();
});

test('decisions: known, unknown, changed, another type, revoked, only an authority', (t) => {
  t.is(trust(line('[host.example]:2222', ed)).refusal(ed), undefined);
  t.is(trust(line('[host.example]:2222', ed2) + line('[host.example]:2222', ed)).refusal(ed), undefined, 'several keys of one host');
  const unknown = trust(line('host.example', ed)).refusal(ed);
  t.is(unknown?.code, 'host-untrusted');
  t.regex(unknown?.message ?? '', new RegExp(`is not known.*--host-key SHA256:.*ssh-keyscan -p 2222 host.example`));
  t.regex(trust(line('[host.example]:2222', ed2)).refusal(ed)?.message ?? '', /another host key than before.*known:1 says SHA256:/);
  t.regex(trust(line('[host.example]:2222', rsa)).refusal(ed)?.message ?? '', /another type than the ssh-rsa/);
  t.regex(trust(`@revoked ${line('*', ed)}${line('[host.example]:2222', ed)}`).refusal(ed)?.message ?? '', /known:1 marks as revoked/);
  t.regex(trust(`@cert-authority ${line('[host.example]:2222', rsa)}`).refusal(ed)?.message ?? '', /certificates are not supported/);
  t.deepEqual(trust(line('[host.example]:2222', rsa) + line('[host.example]:2222', ed)).knownTypes, ['ssh-rsa', 'ssh-ed25519']);
});
