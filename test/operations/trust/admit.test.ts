import test, { type ExecutionContext } from 'ava';
import type { VerifiedSignature } from '../../../src/crypto/sign/signature.js';
import { ImgkitError, isImgkitError, type ErrorCode } from '../../../src/errors.js';
import { admit, type AdmissionRules, type Evidence } from '../../../src/operations/trust/admit.js';
import { parsePolicy } from '../../../src/policy/parse-policy.js';
import type { Policy } from '../../../src/policy/policy.js';

const AT = new Date('2026-06-01T00:00:00Z');
const DIGEST = `sha256:${'0'.repeat(64)}`;
const NAME = 'docker.io/library/app:1';
const by = (identity: string, keyId = `key of ${identity}`): VerifiedSignature => ({ format: 'ssh', keyId, identity, notes: ['seen'] });
const error = (code: ErrorCode): ImgkitError => new ImgkitError(code, `app.tar: ${code}.`);
const policy = (requirement: unknown): Policy => parsePolicy(Buffer.from(JSON.stringify({ version: 1, default: 'reject', repositories: { 'docker.io/library/app': requirement } })), 'policy.json');
const run = (archive: Evidence['archive'], rules: Partial<AdmissionRules> = {}, signatures?: readonly VerifiedSignature[]): ReturnType<typeof admit> =>
  admit({ location: 'app.tar', archive, images: [{ names: [NAME], digest: DIGEST, signatures }] }, { at: AT, ...rules });

function refuses(t: ExecutionContext, what: () => unknown, code: ErrorCode, says: RegExp): void {
  const thrown = t.throws(what);
  t.true(isImgkitError(thrown, code), String(thrown));
  t.regex(thrown.message, says);
}

test('a trusted signature admits, and is told', (t) => {
  const { decision, notes } = run([by('a')]);
  t.true(decision.allowed);
  t.deepEqual(notes.map(({ message }) => message), ['signed by a (ssh, key of a)', 'seen']);
  t.true(run(error('signature-missing'), {}, [by('a')]).decision.allowed);
});

test('without one the reason is that of the signature check', (t) => {
  refuses(t, () => run(error('signature-missing')), 'signature-missing', /signature-missing\. Needed for .*app:1: a signature by anyone who is trusted/);
  refuses(t, () => run(error('signature-untrusted')), 'signature-untrusted', /signature-untrusted\. Needed/);
});

test('too little for the policy is refused with what was found and needed', (t) => {
  const two = policy({ signedBy: ['a', 'b'], threshold: 2 });
  refuses(t, () => run([by('a')], { policy: two }), 'policy-refused', /found a \(ssh\), needed signatures by 2 of a, b; ask for the signatures/);
  t.true(run([by('a')], { policy: two }, [by('b')]).decision.allowed);
  refuses(t, () => run([by('a')], { policy: policy('reject') }), 'policy-refused', /this one is rejected; no signature changes that; have the policy changed/);
});

test('a signature that does not fit ends everything, whatever is accepted', (t) => {
  for (const code of ['signature-invalid', 'signature-malformed', 'statement-malformed', 'limit-exceeded'] as const) {
    refuses(t, () => run(error(code), { acceptUnsigned: true }), code, /./);
    refuses(t, () => run(error(code), { policy: policy('accept') }), code, /./);
  }
});

test('accepting unsigned input is told, and accepts nothing that is rejected or wrongly signed', (t) => {
  const { notes } = run(error('signature-missing'), { acceptUnsigned: true });
  t.regex(notes.map(({ message }) => message).join(), /accepted without the signatures .*--insecure-accept-unsigned/);
  t.regex(run([by('a')], { acceptUnsigned: true, policy: policy({ signedBy: ['b'] }) }).notes.at(-1)?.message ?? '', /needed a signature by b/);
  refuses(t, () => run(error('signature-missing'), { acceptUnsigned: true, policy: policy('reject') }), 'policy-refused', /rejected/);
  refuses(t, () => run(error('signature-untrusted'), { acceptUnsigned: true }), 'signature-untrusted', /./);
});

test('an archive without images is not admitted', (t) => {
  refuses(t, () => admit({ location: 'app.tar', archive: [by('a')], images: [] }, { at: AT }), 'policy-refused', /holds no image/);
});
