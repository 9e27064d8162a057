import test from 'ava';
import { unknownHost } from '../../../src/transport/sftp/unknown-host.js';

const failed = (code: string): Error => Object.assign(new Error('getaddrinfo'), { code });

test('a word that is no host may be an alias, and ssh -G tells what it stands for', (t) => {
  for (const code of ['ENOTFOUND', 'EAI_AGAIN']) {
    const error = unknownHost(failed(code), { host: 'drop', origin: 'sftp://me@drop' });
    t.is(error?.code, 'network-unreachable');
    t.regex(error?.message ?? '', /^sftp:\/\/me@drop: there is no such host; .*`ssh -G drop` shows/);
  }
});

test('a full name, an address and another trouble are none', (t) => {
  t.is(unknownHost(failed('ENOTFOUND'), { host: 'drop.example', origin: 'sftp://drop.example' }), undefined);
  t.is(unknownHost(failed('ENOTFOUND'), { host: '::1', origin: 'sftp://[::1]' }), undefined);
  t.is(unknownHost(failed('ECONNREFUSED'), { host: 'drop', origin: 'sftp://drop' }), undefined);
});
