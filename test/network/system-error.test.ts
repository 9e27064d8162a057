import test from 'ava';
import { ImgkitError, isImgkitError } from '../../src/errors.js';
import { networkError } from '../../src/network/system-error.js';

const CONTEXT = { host: 'drop.example:22', doing: 'reading /pub/app.tar' };

function coded(code: string, message = 'words of a library', more: object = {}): Error {
  return Object.assign(new Error(message), { code, ...more });
}

const CASES: readonly (readonly [error: unknown, code: string, message: RegExp])[] = [
  [coded('ECONNREFUSED'), 'network-unreachable', /^drop\.example:22: reading \/pub\/app\.tar failed: nothing listens there/],
  [coded('ENOTFOUND'), 'network-unreachable', /no such host/],
  [coded('EAI_AGAIN'), 'network-unreachable', /looked up/],
  [coded('EHOSTUNREACH'), 'network-unreachable', /no way/],
  [coded('ECONNRESET'), 'network-failed', /reset/],
  [coded('EPIPE'), 'network-failed', /closed the connection/],
  [coded('ETIMEDOUT'), 'network-timeout', /in time/],
  [coded('CERT_HAS_EXPIRED'), 'host-untrusted', /expired \(CERT_HAS_EXPIRED\); ask/],
  [coded('DEPTH_ZERO_SELF_SIGNED_CERT'), 'host-untrusted', /self-signed.*--ca FILE/],
  [coded('ERR_TLS_CERT_ALTNAME_INVALID'), 'host-untrusted', /another host name/],
  [coded('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), 'login-failed', /--client-cert/],
  [coded('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'), 'login-failed', /refuses our client certificate/],
  [coded('ERR_SSL_WRONG_VERSION_NUMBER'), 'network-failed', /does not speak TLS/],
  [coded('EPROTO', 'write EPROTO 00:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:'), 'network-failed', /does not speak TLS/],
  [coded('HPE_INVALID_CONSTANT'), 'network-failed', /does not speak HTTP/],
  [new Error('fetch failed', { cause: coded('ECONNREFUSED') }), 'network-unreachable', /nothing listens/],
  [new AggregateError([coded('ECONNREFUSED'), coded('EHOSTUNREACH')]), 'network-unreachable', /nothing listens/],
  [new Error('Connection lost before handshake'), 'network-failed', /Connection lost before handshake; run it again\.$/],
  ['a string', 'network-failed', /a string/],
  [new DOMException('aborted', 'AbortError'), 'interrupted', /Stopped while reading/],
  [coded('ENOENT', 'no such file', { path: '/tmp/app.tar', syscall: 'open' }), 'file-not-found', /^\/tmp\/app\.tar/],
  [coded('ENOSPC', 'full', { path: '/tmp/app.tar', syscall: 'write' }), 'disk-full', /^\/tmp\/app\.tar/],
];
for (const [error, code, message] of CASES) {
  test(`${error instanceof Error ? `${error.name} ${String((error as NodeJS.ErrnoException).code ?? error.message)}` : String(error)} is ${code}`, (t) => {
    const known = networkError(error, CONTEXT);
    t.true(isImgkitError(known) && known.code === code, String(known));
    t.regex(known.message, message);
  });
}

test('errors of ours and mistakes of the program pass through', (t) => {
  const ours = new ImgkitError('remote-full', 'full');
  t.is(networkError(ours, CONTEXT), ours);
  t.is(networkError(new Error('wrapped', { cause: ours }), CONTEXT), ours);
  const bug = new RangeError('a mistake');
  t.is(networkError(bug, CONTEXT), bug);
});

test('an aborted signal is the reason, whatever broke first', (t) => {
  const timeout = new ImgkitError('network-timeout', 'late');
  t.is(networkError(coded('ECONNRESET'), { ...CONTEXT, signal: AbortSignal.abort(timeout) }), timeout);
  t.true(isImgkitError(networkError(coded('ECONNRESET'), { ...CONTEXT, signal: AbortSignal.abort() }), 'interrupted'));
  t.true(isImgkitError(networkError(coded('ECONNRESET'), { ...CONTEXT, signal: AbortSignal.abort(new DOMException('', 'TimeoutError')) }), 'network-timeout'));
});

test('a library\'s words lose secrets and line breaks', (t) => {
  const { message } = networkError(new Error('no answer from\r\nhttps://user:secret@drop/app?X-Signature=secret'), CONTEXT);
  t.notRegex(message, /secret|[\r\n]/);
  t.regex(message, /drop\/app\?…/);
});

test('causes in a circle end', (t) => {
  const error = new Error('round');
  error.cause = error;
  t.true(isImgkitError(networkError(error, CONTEXT), 'network-failed'));
});
