import test from 'ava';
import { formatTrustManifest, parseTrustManifest } from '../../../src/crypto/trust/trust-manifest.js';
import { isImgkitError } from '../../../src/errors.js';

test('a manifest is read strictly and written so that it is read back', (t) => {
  const files = new Map([['roots/b.crt', Buffer.from('b')], ['roots/a.crt', Buffer.from('a')], ['trust.json.sha256', Buffer.from('x')]]);
  const manifest = { version: 7, created: new Date('2026-06-01T12:00:00Z'), revocation: 'required' as const };
  const bytes = formatTrustManifest(files, manifest);
  const read = parseTrustManifest(bytes, 'trust.json');
  t.deepEqual({ version: read.version, created: read.created, revocation: read.revocation }, manifest);
  t.deepEqual([...read.files.keys()], ['roots/a.crt', 'roots/b.crt']);
  for (const [from, to] of [['"version": 7', '"version": 0'], ['"version": 7', '"version": "7"'], ['2026-06-01T', '2026-06-01 '], ['"required"', '"optional"'], ['roots/a.crt', '../a.crt'], ['roots/a.crt', 'owners/policy.json'], ['"files"', '"file"']]) {
    const error = t.throws(() => parseTrustManifest(Buffer.from(Buffer.from(bytes).toString().replace(from as string, to as string)), 'trust.json'));
    t.true(isImgkitError(error, 'document-malformed'), `${to}: ${String(error)}`);
  }
});
