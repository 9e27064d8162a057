import test from 'ava';
import { ftpWays } from '../../../src/transport/ftp/connect-ftp.js';
import { parseFtpAddress } from '../../../src/transport/ftp/ftp-address.js';

const WAYS: readonly (readonly [url: string, ways: string])[] = [
  ['ftp://h/', 'none 21'],
  ['ftp://h:2121/pub/', 'none 2121'],
  ['ftps://h/', 'implicit 990, explicit 21'],
  ['ftps://h:990/', 'implicit 990, explicit 990'],
  ['ftps://h:21/', 'explicit 21'],
  ['ftps://h:2121/', 'implicit 2121, explicit 2121'],
  ['ftpes://h/', 'explicit 21'],
  ['ftpes://h:990/', 'explicit 990'],
  ['FTPS://h:443/', 'implicit 443, explicit 443'],
  ['ftp://h:80/', 'none 80'],
];

for (const [url, ways] of WAYS) {
  test(`${url} is reached by ${ways}`, (t) => {
    t.is(ftpWays(parseFtpAddress(url)).map(({ port, tls }) => `${tls} ${port}`).join(', '), ways);
  });
}

test('user, host and what people see', (t) => {
  t.like(parseFtpAddress('ftps://re%40lease@[::1]:2121/a?b'), { user: 're@lease', host: '::1', port: 2121, origin: 'ftps://re%40lease@[::1]:2121' });
  t.like(parseFtpAddress('ftp://h/x'), { user: undefined, origin: 'ftp://h' });
});

test('URLs that are refused', (t) => {
  for (const url of ['ftp://u:secret@h/', 'ftp://u%0d%0aDELE@h/', 'ftp:///x', 'ftp://h:0/', 'ftp://h:99999/', 'http://h/', 'ftp://u%ff@h/', 'ftpes://h%zz/', 'ftpes://h h/']) {
    const error = t.throws(() => parseFtpAddress(url), { code: 'location-invalid' }, url);
    t.notRegex(error?.message ?? '', /secret/);
  }
});
