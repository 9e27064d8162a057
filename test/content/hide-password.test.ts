import test from 'ava';
import { hidePassword, hideSecrets } from '../../src/content/hide-password.js';

test('what may be a password before a host is not repeated', (t) => {
  for (const [text, shown] of [
    ['sftp://me:secret@host/', 'sftp://me:***@host/'],
    ['sftp://me@corp.example:secret@host/', 'sftp:***@host/'],
    ['me:secret@host', 'me:***@host'],
    ['docker://me:sec/ret@host/app', 'docker://me:***@host/app'],
    ['sftp:me@host', 'sftp:***@host'],
    ['https://token@host/pub/', 'https:***@host/pub/'],
    ['docker://token@host/app', 'docker:***@host/app'],
  ] as const) t.is(hidePassword(text), shown);
});

test('a user alone, a port and a digest are no password', (t) => {
  for (const text of ['sftp://me@host:2222/pub', 'ftpes://me@[::1]:21/a.tar', 'docker://host:5000/app@sha256:0', 'sftp://host/a.tar']) t.is(hidePassword(text), text);
  t.is(hideSecrets('ftps://me@host/pub?sig=me@x'), 'ftps://me@host/pub?…');
  t.notRegex(hideSecrets('https://token@host/pub?sig=me@x'), /token|sig/);
});
