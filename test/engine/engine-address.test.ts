import test from 'ava';
import { engineAddress } from '../../src/engine/engine-address.js';

const cases: readonly [string, object][] = [
  ['unix:///run/d.sock', { origin: 'http://docker', socketPath: '/run/d.sock' }],
  ['tcp://10.0.0.1:2375', { origin: 'http://10.0.0.1:2375' }],
  ['tcp://host', { origin: 'http://host:2375' }],
  ['tcp://[::1]:99', { origin: 'http://[::1]:99' }],
  // What docker makes of an address that says less.
  ['10.0.0.1:2375', { text: 'tcp://10.0.0.1:2375', origin: 'http://10.0.0.1:2375' }],
  ['host', { text: 'tcp://host', origin: 'http://host:2375' }],
  ['[::1]:99', { text: 'tcp://[::1]:99', origin: 'http://[::1]:99' }],
  [':99', { text: 'tcp://localhost:99', origin: 'http://localhost:99' }],
  ['tcp://', { text: 'tcp://localhost', origin: 'http://localhost:2375' }],
  ['unix://', { text: 'unix:///var/run/docker.sock', socketPath: '/var/run/docker.sock' }],
  ['ssh://host', { ssh: { host: 'host' } }],
  ['ssh://me@[::1]:2222/run/user/1000/docker.sock', { ssh: { host: '::1', user: 'me', port: '2222', socket: '/run/user/1000/docker.sock' } }],
];
for (const [text, expected] of cases) {
  test.serial(text, (t) => {
    delete process.env['DOCKER_TLS_VERIFY'];
    t.like(engineAddress(text), { text, ...expected });
  });
}

test.serial('DOCKER_TLS_VERIFY makes tcp TLS, with its own port', (t) => {
  process.env['DOCKER_TLS_VERIFY'] = '1';
  process.env['DOCKER_CERT_PATH'] = '/certificates';
  t.like(engineAddress('tcp://host'), { origin: 'https://host:2376', certificates: '/certificates' });
  delete process.env['DOCKER_TLS_VERIFY'];
  delete process.env['DOCKER_CERT_PATH'];
});

for (const text of ['ssh://-oProxyCommand=id', 'ssh://-x@host', 'ssh://me:secret@host', 'tcp://me:secret@host:1', 'http://me:secret@host', 'ssh://a%20b@host', 'ssh://a%zz@host', 'ssh://host/%zz', 'tcp://host:1/path', 'npipe:////./pipe/docker', 'fd://', 'unix:/run/d.sock', '/run/d.sock', 'tcp://1.2.3.999:1', 'h:99999', 'host:port', 'me:secret@host']) {
  test(`refused: ${text}`, (t) => {
    const error = t.throws(() => engineAddress(text));
    t.true(['location-unsupported', 'location-invalid'].includes((error as { code?: string }).code ?? ''));
    t.notRegex(error.message, /secret/);
  });
}
