import test from 'ava';
import { renderTrust, renderTrustChange } from '../../../cli/render/trust.js';

const root = { path: 'roots/Acme_Archive_CA.crt', kind: 'root', owner: false, name: 'CN=Acme Archive CA, O=Acme', fingerprint: `sha256:${'0f'.repeat(32)}`, expires: new Date('2036-11-18T12:00:00Z') } as const;
const signer = { path: 'allowed_signers', kind: 'allowed-signers', owner: false, name: 'release@acme.example', fingerprint: 'SHA256:6BmkK9bXzQF3ufdh/KDeNt3+jgDxvrWvMP+pyzWJU60' } as const;

test('fingerprints are whole, for people compare them, and nothing is wider than 80 columns', (t) => {
  const lines = renderTrust({ folder: 'trust', version: 2, created: new Date('2026-06-01T12:00:00Z'), revocation: 'if-present', owned: true, entries: [root, signer] });
  t.is(lines[0], 'version 2 of 2026-06-01, CRLs if-present, with owners');
  for (const { fingerprint } of [root, signer]) t.true(lines.includes(`  ${fingerprint}`));
  t.deepEqual(lines.filter((line) => line.length > 80), []);
});

test('a change of the rule for CRLs is told', (t) => {
  t.deepEqual(renderTrustChange({ folder: 'trust', version: 7, changed: [], revocation: 'required', notes: [] }, 'added'), ['trust is version 7 now: CRLs required']);
  t.deepEqual(renderTrustChange({ folder: 'trust', version: 7, changed: [], notes: [] }, 'added'), []);
});
